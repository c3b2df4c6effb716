import { expect, test } from 'vitest';
import { isPackaged } from './paths.ts';
import { restoreFile, setUpAgain } from './repair.ts';

test('a packaged device is never told to use npm or the repository', () => {
  for (const remedy of [setUpAgain(true), restoreFile(true)]) {
    expect(remedy).toBe('Install the release again (mien update, or unpack its archive)');
  }
  expect([setUpAgain(false), restoreFile(false)]).toEqual(['Run: npm run setup', 'Restore it from the repository']);
});

test('a checkout is not a packaged device', () => {
  expect(isPackaged).toBe(false);
});
