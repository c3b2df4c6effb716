import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { expectVideo } from './native/opencv.ts';
import { checkIntegrity } from './sources.ts';

const folder = mkdtempSync(join(tmpdir(), 'mien-sources-'));
// printf hello | openssl sha256 -binary | base64
const source = { name: 'Hello', version: '1.0', integrity: 'sha256-LPJNul+wow4m6DsqxbninhsWHlwfp0JecwQzYpOLmCQ=' };

test('a download is compared with its pinned hash', () => {
  const file = join(folder, 'hello.tar.gz');
  writeFileSync(file, 'hello');
  expect(() => checkIntegrity(file, source)).not.toThrow();
  writeFileSync(file, 'hellO');
  expect(() => checkIntegrity(file, source)).toThrow(`${file}: expected ${source.integrity}, got sha256-`);
});

test('a registry that has another version only is named', () => {
  const file = join(folder, 'none.tar.gz');
  expect(() => checkIntegrity(file, source)).toThrow(
    `expected the download of Hello 1.0 to be ${file}, got no such file`,
  );
});

test('an OpenCV without FFmpeg or V4L2 is refused', () => {
  const lines = [
    '--     FFMPEG:                      YES',
    '--     v4l/v4l2:                    YES (linux/videodev2.h)',
  ];
  expect(() => expectVideo(lines)).not.toThrow();
  expect(() => expectVideo(lines.slice(1))).toThrow(
    "expected OpenCV's configuration to have a line ^-- +FFMPEG: +YES, got none",
  );
  expect(() => expectVideo([lines[0]!, '--     v4l/v4l2: NO'])).toThrow('v4l');
});
