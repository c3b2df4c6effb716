import { expect, test } from 'vitest';
import { isUnneeded } from './modules.ts';

const kept = (path: string, arch: 'x64' | 'arm64' = 'x64') => !isUnneeded(path, { arch });

test.each([
  'better-sqlite3/lib/index.js',
  'better-sqlite3/package.json',
  '@u4/opencv4nodejs/cjs/index.js',
  '@u4/opencv4nodejs/LICENSE',
  'onnxruntime-node/bin/napi-v6/linux/x64/libonnxruntime.so.1',
  'onnxruntime-node/bin/napi-v6/linux',
  'zod/src/index.js',
  'a/lib/test/index.js',
])('%s is kept', (path) => expect(kept(path)).toBe(true));

test.each([
  'better-sqlite3/deps',
  '@u4/opencv4nodejs/cc',
  '@u4/opencv4nodejs/build',
  'onnxruntime-node/bin/napi-v6/linux/arm64',
  'onnxruntime-node/bin/napi-v6/win32',
  'onnxruntime-node/bin/napi-v6/darwin/arm64',
  '@types',
  '.bin',
  'a/index.d.ts',
  'a/index.d.mts',
  'a/index.js.map',
  'a/README.md',
  'a/docs',
  '@b/c/test',
  'a/node_modules/b/test',
])('%s is left out', (path) => expect(kept(path)).toBe(false));

test("the other platform's ONNX Runtime is kept in its own archive", () => {
  expect(kept('onnxruntime-node/bin/napi-v6/linux/arm64', 'arm64')).toBe(true);
  expect(kept('onnxruntime-node/bin/napi-v6/linux/x64', 'arm64')).toBe(false);
});
