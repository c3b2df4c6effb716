import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { fileIn, scratchFolder } from '../../lab/fixtures/scratch.ts';
import { isScreenConnected } from './connectors.ts';

const scratch = scratchFolder();

test.each([
  [{}, true],
  [{ 'card0-HDMI-A-1': 'disconnected', 'card0-HDMI-A-2': 'disconnected' }, false],
  [{ 'card0-HDMI-A-1': 'disconnected', 'card0-HDMI-A-2': 'connected' }, true],
  [{ 'card0-DSI-1': 'unknown' }, true],
])('connectors %j: a screen is connected: %s', (connectors, expected) => {
  const folder = join(scratch, Object.entries(connectors).flat().join('-') || 'none');
  // The card itself has no state.
  mkdirSync(join(folder, 'card0'), { recursive: true });
  for (const [name, state] of Object.entries(connectors)) {
    mkdirSync(join(folder, name));
    fileIn(join(folder, name), 'status', `${state}\n`);
  }
  expect(isScreenConnected(folder)).toBe(expected);
});

test('a machine without graphics cards may have a virtual screen', () => {
  expect(isScreenConnected(join(scratch, 'missing'))).toBe(true);
});
