import { describe, expect, test, vi } from 'vitest';
import { exitCode } from '../../core/errors.ts';
import { mien, modelsWithoutYunet } from '../../lab/fixtures/analysis.ts';
import { pngHeader } from '../../lab/fixtures/pictures.ts';
import { fileIn, scratchFolder } from '../../lab/fixtures/scratch.ts';

/** Each test runs the program once or more, which takes a busy machine ten times as long. */
vi.setConfig({ testTimeout: 180_000 });

const scratch = scratchFolder();

describe('bad input is one line with its remedy on stderr, nothing on stdout, and the right exit code', () => {
  test.each<[string, () => string[], number, RegExp]>([
    [
      'no such file',
      () => ['/nowhere/a.mp4'],
      exitCode.noInput,
      /^No such source: \/nowhere\/a\.mp4 \(expected .*\. Check the path/,
    ],
    [
      'an empty file',
      () => [fileIn(scratch, 'empty.mp4', '')],
      exitCode.badData,
      /^Not a video: .*it is empty\)\. Check the file/,
    ],
    [
      'a text file named .mp4',
      () => [fileIn(scratch, 'text.mp4', 'Dear diary\n')],
      exitCode.badData,
      /^Not a video: .*no decoder knows its format\)/,
    ],
    [
      'a huge picture',
      () => [fileIn(scratch, 'huge.png', pngHeader(20_000, 20_000))],
      exitCode.badData,
      /^Picture .*20000x20000 pixels, expected at most 16384 a side\. Convert/,
    ],
    ['no such camera', () => ['/dev/video99'], exitCode.noInput, /^No camera at \/dev\/video99 .*Plug it in/],
    [
      'a stream where nothing answers',
      () => ['http://127.0.0.1:1/x'],
      exitCode.unavailable,
      /^No video from http:\/\/127\.0\.0\.1:1\/\*\*\* .*Check address/,
    ],
    [
      'a still camera that is more than one',
      () => ['still:TEST:;id'],
      exitCode.usage,
      /^Not a still camera: "TEST:;id"/,
    ],
    [
      'a models folder without models',
      () => ['demo', '--set', `modelsDir=${scratch}`, '--set', 'detect.detector=haar'],
      exitCode.noInput,
      /^Model card missing: .*residual-cnn\.json\. Set classify\.model/,
    ],
    [
      'YuNet asked for and absent',
      () => ['demo', '--set', `modelsDir=${scratch}`, '--set', 'detect.detector=yunet'],
      exitCode.noInput,
      /^Model missing: .*yunet.*\. Fetch it with: \S.* models pull yunet/,
    ],
    ['a setting that is none', () => ['demo', '--set', 'camera.speed=3'], exitCode.config, /camera\.speed/],
  ])('%s', async (_, args, expected, message) => {
    const { code, stdout, stderr } = await mien('analyze', ...args(), '--json');
    expect(stderr).toMatch(/^mien: [^\n]+\n$/);
    expect(stderr.slice('mien: '.length)).toMatch(message);
    expect({ code, stdout }).toEqual({ code: expected, stdout: '' });
  });

  test('a model that is not the one of its card', async () => {
    const folder = modelsWithoutYunet(scratch);
    fileIn(folder, 'residual-cnn.int8.onnx', 'another one');
    const { code, stdout, stderr } = await mien('analyze', 'demo', '--set', `modelsDir=${folder}`);
    expect({ code, stdout }).toEqual({ code: exitCode.badData, stdout: '' });
    expect(stderr).toMatch(
      /^mien: Model \S+residual-cnn\.int8\.onnx does not match its card \([^\n]+\)\. Restore [^\n]+\n$/,
    );
  });

  test('a camera and frames that are no numbers, exit code 64', async () => {
    const { code, stdout, stderr } = await mien('analyze', 'demo', '--frames', 'many');
    expect({ code, stdout }).toEqual({ code: exitCode.usage, stdout: '' });
    expect(stderr).toMatch(/'many' is invalid\. Expected a whole number\./);
  });
});
