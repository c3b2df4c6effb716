import { chmodSync, mkdirSync, mkdtempSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { expect, test } from 'vitest';
import { scratchFolder } from '../../lab/fixtures/scratch.ts';
import { readBoardHealth } from './board-health.ts';

const scratch = scratchFolder();

/** A folder that stands for `/`, with these files. */
function board(files: Readonly<Record<string, string>>): string {
  const root = mkdtempSync(join(scratch, 'root-'));
  for (const [path, text] of Object.entries(files)) {
    const file = join(root, path);
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(file, text);
  }
  return root;
}

const throttled = 'sys/devices/platform/soc/soc:firmware/get_throttled';

function zones(...found: readonly (readonly [type: string, temp: string])[]): Record<string, string> {
  return Object.fromEntries(
    found.flatMap(([type, temp], index) => [
      [`sys/class/thermal/thermal_zone${index}/type`, `${type}\n`],
      [`sys/class/thermal/thermal_zone${index}/temp`, `${temp}\n`],
    ]),
  );
}

test('a Raspberry Pi', async () => {
  const root = board({ ...zones(['cpu-thermal', '61328']), [throttled]: '50005\n' });
  expect(await readBoardHealth(root)).toEqual({ temperatureC: 61.328, throttled: ['under-voltage', 'throttled'] });
});

test.each([
  ['0', []],
  ['f', ['under-voltage', 'frequency capped', 'throttled', 'temperature limit']],
  // Only the bits of the present count, not those of earlier events.
  ['f0000', []],
  ['80008', ['temperature limit']],
])('get_throttled %s gives the present causes', async (text, causes) => {
  expect(await readBoardHealth(board({ [throttled]: `${text}\n` }))).toEqual({ throttled: causes });
});

test('a Jetson: the hottest processor zone counts, not the zone that always reports 100', async () => {
  const root = board(
    zones(['AO-therm', '99000'], ['CPU-therm', '45500'], ['GPU-therm', '47250'], ['PMIC-Die', '100000']),
  );
  expect(await readBoardHealth(root)).toEqual({ temperatureC: 47.25 });
});

test.each(['', 'hot', '61,3', '1e3', '-273150', '999999999', 'NaN'])(
  'a zone with the value %j is ignored, and the other zones are read',
  async (text) => {
    expect(await readBoardHealth(board(zones(['cpu-thermal', text])))).toEqual({});
    expect(await readBoardHealth(board(zones(['cpu-thermal', text], ['gpu-thermal', '50000'])))).toEqual({
      temperatureC: 50,
    });
  },
);

test.each(['', 'throttled', '0xg', '-1', '123456789', 'error=1 error_msg="Command not registered"'])(
  'the throttling value %j is ignored',
  async (text) => {
    expect(await readBoardHealth(board({ [throttled]: text }))).toEqual({});
  },
);

test('a zone without a type or a temperature is skipped', async () => {
  const root = board({
    'sys/class/thermal/thermal_zone0/temp': '99000',
    'sys/class/thermal/thermal_zone1/type': 'cpu-thermal',
    'sys/class/thermal/thermal_zone2/type': 'cpu-thermal',
    'sys/class/thermal/thermal_zone2/temp/is-a-folder': '',
    'sys/class/thermal/cooling_device0/type': 'cpu-fan',
    'sys/class/thermal/cooling_device0/temp': '88000',
  });
  expect(await readBoardHealth(root)).toEqual({});
});

test('a board that reports nothing', async () => {
  expect(await readBoardHealth(board({}))).toEqual({});
});

/** A board without the kernel's file, on which the firmware's program reports throttling. */
function withVcgencmd(script: string): string {
  const root = board({ 'usr/bin/vcgencmd': `#!/bin/sh\n${script}\n` });
  chmodSync(join(root, 'usr/bin/vcgencmd'), 0o755);
  return root;
}

test('vcgencmd is asked for get_throttled', async () => {
  expect(await readBoardHealth(withVcgencmd('[ "$*" = get_throttled ] && echo throttled=0x50008'))).toEqual({
    throttled: ['temperature limit'],
  });
});

test.each(['echo "VCHI initialization failed"; exit 255', 'kill -9 $$'])('vcgencmd that fails (%s)', async (script) => {
  expect(await readBoardHealth(withVcgencmd(script))).toEqual({});
});
