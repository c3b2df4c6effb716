import { expect, test } from 'vitest';
import { compilersFor, targetOf } from './target.ts';

test('arm64 is built with the cross compiler on x64, and without one on arm64', () => {
  expect(targetOf('arm64', 'x64').tools).toBe('aarch64-linux-gnu-');
  expect(compilersFor(targetOf('arm64', 'x64'))).toMatchObject({ CXX: 'aarch64-linux-gnu-g++', CXX_host: 'g++' });
  expect(targetOf('arm64', 'arm64')).toMatchObject({ tools: '', ffmpeg: [], opencv: [] });
  expect(compilersFor(targetOf('x64', 'x64'))).toEqual({});
});

test('a build that no machine here can do is refused', () => {
  expect(() => targetOf('x64', 'arm64')).toThrow('expected a build for arm64 or, on x64, for arm64; got x64 on arm64');
});
