import { writeFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { type Behaviour, InstalledHost } from '../../lab/fixtures/installed-host.ts';
import { install } from '../install.ts';
import type { GateLimits } from './gate.ts';

const device = new InstalledHost();

/** Installs a release that behaves so, with these limits. */
async function installed(behaviour: Behaviour, changes: Partial<GateLimits> = {}) {
  const config = device.path('mien.yaml');
  writeFileSync(config, `dataDir: ${device.path('data')}\nhttp:\n  port: ${device.port}\nmqtt:\n  enabled: false\n`);
  const origin = { root: device.unpacked('0.1.0', behaviour), isPackaged: true };
  const limits = { ...device.deps.limits!, ...changes };
  return install({ ...device.deps, limits }, { answers: { config }, kiosk: 'none', start: true }, origin);
}

test('a slow board may load for longer than the rest takes', async () => {
  const loading = { loads: 60 };
  expect(await installed(loading, { wholeMs: 800, loadingMs: 60_000 })).toMatchObject({
    outcome: 'installed',
    code: 0,
  });
});

test('a vision process that is started again while it loads is no slow board', async () => {
  const stuck = { loads: Number.MAX_SAFE_INTEGER, visionRestarts: 1 };
  const outcome = await installed(stuck, { wholeMs: 20, loadingMs: 60_000 });
  expect(outcome).toMatchObject({ outcome: 'failed', changed: true, version: '0.1.0', code: 1 });
  expect(outcome.reason).toContain('frames: 0 frames since this start');
});

test('a slow camera needs 3 s of frames, not 30 of them', async () => {
  const outcome = await installed({ frames: 1 }, { wholeMs: 60_000, intervalMs: 400 });
  expect(outcome.code).toBe(0);
  const [, frames] = outcome.gate;
  expect(Number.parseInt(frames!.message, 10)).toBeLessThan(30);
});
