import { copyFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { TestFolder } from '../../lab/fixtures/scratch.ts';
import { blazefaceDir } from '../../lab/fixtures/shared.ts';
import { checkClassifier, checkDetector } from './models.ts';

const folder = new TestFolder();

describe('models', () => {
  it('fails on a card that is not there, and on a detector that was asked for', async () => {
    expect(checkClassifier(folder.path, 'simple-cnn')).toMatchObject({
      state: 'fail',
      detail: expect.stringContaining('missing'),
    });
    expect(await checkDetector(folder.path, 'yunet')).toMatchObject({
      state: 'fail',
      remedy: expect.stringContaining('models pull'),
    });
  });

  it('warns where only the Haar cascade is there, and fails on a file that is not the pinned one', async () => {
    expect(await checkDetector(folder.path, 'auto')).toMatchObject({
      state: 'warn',
      remedy: expect.stringContaining('--mirror'),
    });
    expect(await checkDetector(folder.path, 'haar')).toMatchObject({ state: 'ok' });
    expect(await checkDetector(folder.path, 'auto', [folder.path])).toMatchObject({
      state: 'fail',
      detail: 'there is neither YuNet, BlazeFace nor a Haar cascade',
    });
    folder.write('haarcascade_frontalface_alt2.xml');
    expect(await checkDetector(folder.path, 'haar', ['/nowhere', folder.path])).toMatchObject({ state: 'ok' });
    folder.write('face_detection_back_256x256_barracuda.onnx', 'not it');
    expect(await checkDetector(folder.path, 'auto')).toMatchObject({
      state: 'fail',
      detail: expect.stringContaining('pinned'),
      remedy: expect.stringContaining('mien models pull blazeface'),
    });
    folder.write('face_detection_yunet_2023mar.onnx', 'not it');
    expect(await checkDetector(folder.path, 'auto')).toMatchObject({
      state: 'fail',
      detail: expect.stringContaining('pinned'),
    });
  });
});

describe.skipIf(!blazefaceDir)('BlazeFace (skipped where its file is absent)', () => {
  it('does where YuNet is not there, and says so; asked for, it is all right', async () => {
    const file = 'face_detection_back_256x256_barracuda.onnx';
    copyFileSync(join(blazefaceDir!, file), join(folder.path, file));
    expect(await checkDetector(folder.path, 'auto')).toMatchObject({
      state: 'ok',
      detail: 'BlazeFace, because YuNet is not there (mien models pull yunet)',
    });
    expect(await checkDetector(folder.path, 'blazeface')).toMatchObject({ state: 'ok', detail: 'BlazeFace' });
    expect(await checkDetector(folder.path, 'yunet')).toMatchObject({
      state: 'fail',
      detail: expect.stringContaining('YuNet is not there'),
    });
  });
});
