import { readdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { heardLog } from '../lab/fixtures/log.ts';
import { scratchFolder } from '../lab/fixtures/scratch.ts';
import { PauseMark } from './pause-mark.ts';

const scratch = scratchFolder();

test('a pause is kept until it is resumed; a missing data folder is made', () => {
  const folder = join(scratch, 'new', 'data');
  const log = heardLog();
  const isPaused = () => new PauseMark(folder, log).isSet;
  expect(isPaused()).toBe(false);
  new PauseMark(folder, log).keep(true);
  expect(isPaused()).toBe(true);
  new PauseMark(folder, log).keep(true);
  expect(isPaused()).toBe(true);
  new PauseMark(folder, log).keep(false);
  expect(isPaused()).toBe(false);
  expect(readdirSync(folder)).toEqual([]);
  expect(log.lines).toEqual([]);
});

test('a pause that cannot be kept is logged with its remedy', () => {
  const folder = join(scratch, 'a-file');
  writeFileSync(folder, '');
  const log = heardLog();
  expect(new PauseMark(folder, log).isSet).toBe(false);
  new PauseMark(folder, log).keep(true);
  expect(log.lines.map(({ text }) => text).join()).toMatch(
    /paused, but not after a restart \(.*EEXIST.*\)\. Make \S+a-file writable/,
  );
});

test('the camera stays closed where the mark cannot be read', () => {
  const folder = join(scratch, 'loop');
  symlinkSync(folder, folder);
  const log = heardLog();
  expect(new PauseMark(folder, log).isSet).toBe(true);
  expect(log.lines.map(({ text }) => text).join()).toMatch(/ELOOP.*it stays closed\. Make \S+loop readable/);
});
