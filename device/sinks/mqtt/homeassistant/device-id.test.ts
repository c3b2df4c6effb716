import { readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { examples } from '../../../contract/mqtt/examples.ts';
import { heardLog } from '../../../lab/fixtures/log.ts';
import { TestFolder } from '../../../lab/fixtures/scratch.ts';
import { keepDeviceId, readDeviceId } from './device-id.ts';

const folder = new TestFolder();

test('the id is made once and kept for the user of the daemon only', () => {
  const log = heardLog();
  const dataDir = join(folder.path, 'data');
  expect(readDeviceId(dataDir)).toBeUndefined();
  const id = keepDeviceId(dataDir, log);
  const form = /^[0-9a-f]{12}$/;
  expect(id).toMatch(form);
  expect(examples.state).toHaveProperty('device_id', expect.stringMatching(form));
  expect(keepDeviceId(dataDir, log)).toBe(id);
  expect(readDeviceId(dataDir)).toBe(id);
  expect(statSync(join(dataDir, 'device-id')).mode & 0o777).toBe(0o600);
  expect(keepDeviceId(join(folder.path, 'other'), log)).not.toBe(id);
  expect(log.lines).toEqual([]);
});

test('a damaged file is replaced, with a warning', () => {
  const log = heardLog();
  const file = folder.write('device-id', '\0\0\0');
  const id = keepDeviceId(folder.path, log);
  expect(readFileSync(file, 'utf8')).toBe(`${id}\n`);
  expect(log.lines).toEqual([
    {
      level: 'warn',
      text: `${file} held no id and was replaced. Home Assistant may list this device twice: delete the old one there.`,
    },
  ]);
});

test('in a folder that cannot be written the id is the same at each start, with a warning', () => {
  const log = heardLog();
  const dataDir = join(folder.write('file'), 'data');
  expect(keepDeviceId(dataDir, log)).toBe(keepDeviceId(dataDir, log));
  expect(log.lines[0]!.text).toMatch(
    /^The id of this device cannot be kept \(ENOTDIR.*\)\. Home Assistant may list .* Make .*\/file\/data writable for this user$/,
  );
});
