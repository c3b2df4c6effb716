import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { fileIn, scratchFolder } from '../../lab/fixtures/scratch.ts';
import { browserArguments, findPrograms } from './browsers.ts';

const scratch = scratchFolder();

/** A folder with these programs. */
function folderWith(...names: readonly string[]): string {
  const folder = join(scratch, names.join('-'));
  mkdirSync(folder, { recursive: true });
  for (const name of names) fileIn(folder, name, '');
  return folder;
}

test('auto takes cog if it is installed, otherwise Chromium, also under its other name', () => {
  const both = folderWith('cage', 'chromium', 'cog');
  expect(findPrograms('auto', both).browser).toEqual({ name: 'cog', program: join(both, 'cog') });
  expect(findPrograms('chromium', both).browser).toEqual({ name: 'chromium', program: join(both, 'chromium') });
  const other = folderWith('cage', 'chromium-browser');
  expect(findPrograms('auto', `/missing:${other}`)).toEqual({
    cage: join(other, 'cage'),
    browser: { name: 'chromium', program: join(other, 'chromium-browser') },
  });
});

test('both show the given address and nothing else; the profile of Chromium lies in the folder of the session', () => {
  const url = 'http://localhost:8080/';
  const cog = browserArguments({ name: 'cog', program: '' }, url, '/run/mien-kiosk/screen');
  expect(cog).toContain('--platform=wl');
  expect(cog.filter((each) => !each.startsWith('--'))).toEqual([url]);
  const chromium = browserArguments({ name: 'chromium', program: '' }, url, '/run/mien-kiosk/screen');
  expect(chromium).toContain('--kiosk');
  expect(chromium).toContain('--user-data-dir=/run/mien-kiosk/screen/chromium');
  expect(chromium.filter((each) => !each.startsWith('--'))).toEqual([url]);
});
