import { chmodSync, existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeEach, expect, test } from 'vitest';
import { scratchFolder } from '../../lab/fixtures/scratch.ts';
import { Backlight } from './backlight.ts';

const scratch = scratchFolder();
const folder = join(scratch, 'backlight');
const calls = join(scratch, 'calls');
const busctl = join(scratch, 'busctl');

/** Stands for logind: notes the call and writes the brightness. It cannot be started here, and a container has no backlight. */
const program = `#!/bin/sh
echo "$*" >>'${calls}'
[ ! -e '${calls}.refuse' ] || { echo 'Call failed: Session is not in foreground' >&2; exit 1; }
echo "$9" >"${folder}/$8/brightness"
`;

beforeEach(() => {
  rmSync(folder, { recursive: true, force: true });
  for (const file of [calls, `${calls}.refuse`]) rmSync(file, { force: true });
  writeFileSync(busctl, program);
  chmodSync(busctl, 0o755);
});

function plugIn(name: string, brightness: number): void {
  mkdirSync(join(folder, name), { recursive: true });
  writeFileSync(join(folder, name, 'brightness'), `${brightness}\n`);
  writeFileSync(join(folder, name, 'max_brightness'), '255\n');
}

const brightness = (name: string) => Number(readFileSync(join(folder, name, 'brightness'), 'utf8'));
const called = () => (existsSync(calls) ? readFileSync(calls, 'utf8').trim().split('\n') : []);

test('a backlight is switched off, and on again with the brightness that it had', async () => {
  plugIn('10-0045', 120);
  const backlight = new Backlight(folder, busctl);
  expect(await backlight.switch(false)).toBeUndefined();
  expect(brightness('10-0045')).toBe(0);
  expect(await backlight.switch(false)).toBeUndefined();
  expect(await backlight.switch(true)).toBeUndefined();
  expect(brightness('10-0045')).toBe(120);
  const session = 'org.freedesktop.login1 /org/freedesktop/login1/session/auto org.freedesktop.login1.Session';
  expect(called()).toEqual([
    `call ${session} SetBrightness ssu backlight 10-0045 0`,
    `call ${session} SetBrightness ssu backlight 10-0045 120`,
  ]);
});

test('a backlight that a killed process left dark is lit at the start; one that is lit is not touched', async () => {
  plugIn('dark', 0);
  plugIn('lit', 40);
  await new Backlight(folder, busctl).switch(true);
  expect([brightness('dark'), brightness('lit')]).toEqual([255, 40]);
});

test('a screen without a backlight needs no program', async () => {
  const backlight = new Backlight(folder, busctl);
  expect(await backlight.switch(true)).toBeUndefined();
  expect(await backlight.switch(false)).toBeUndefined();
  expect(called()).toEqual([]);
});

test('switching on is tried again after a refusal, switching off is not', async () => {
  plugIn('10-0045', 120);
  const backlight = new Backlight(folder, busctl);
  writeFileSync(`${calls}.refuse`, '');
  expect(await backlight.switch(false)).toBe('Call failed: Session is not in foreground');
  expect(await backlight.switch(false)).toBeUndefined();
  expect(called()).toHaveLength(1);
  writeFileSync(join(folder, '10-0045', 'brightness'), '0\n');
  expect(await backlight.switch(true)).toBe('Call failed: Session is not in foreground');
  rmSync(`${calls}.refuse`);
  expect(await backlight.switch(true)).toBeUndefined();
  expect(brightness('10-0045')).toBe(120);
});

test('a missing busctl is named', async () => {
  plugIn('10-0045', 120);
  expect(await new Backlight(folder, join(scratch, 'none')).switch(false)).toBe('busctl could not be started');
});
