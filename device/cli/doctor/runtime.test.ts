import { describe, expect, it } from 'vitest';
import { TestFolder } from '../../lab/fixtures/scratch.ts';
import { checkAddons, checkNode } from './runtime.ts';

const folder = new TestFolder();

describe('native addons', () => {
  it('finds them here, with their versions', async () => {
    expect(await checkAddons()).toEqual([
      { part: 'opencv', state: 'ok', detail: expect.stringMatching(/^4\.\d+\.\d+, video through V4L2, FFmpeg/) },
      { part: 'onnxruntime', state: 'ok', detail: expect.stringMatching(/^\d+\.\d+/) },
      { part: 'sqlite', state: 'ok', detail: expect.stringMatching(/^3\.\d+/) },
    ]);
  });

  it('survives one that kills its process, and names the remedy', async () => {
    folder.write('package.json', '{}');
    folder.write('node_modules/better-sqlite3/index.js', "process.kill(process.pid, 'SIGILL')");
    folder.write(
      'node_modules/onnxruntime-node/index.js',
      "throw new Error('libonnxruntime.so: cannot open shared object file')",
    );
    expect(await checkAddons(folder.path)).toMatchObject([
      { part: 'opencv', state: 'fail', detail: expect.stringContaining("Cannot find module '@u4/opencv4nodejs'") },
      { part: 'onnxruntime', state: 'fail', detail: expect.stringContaining('cannot open shared object file') },
      {
        part: 'sqlite',
        state: 'fail',
        detail: expect.stringContaining('instruction that this processor does not have'),
      },
    ]);
  });

  it('knows which Node is new enough', () => {
    expect(checkNode('20.18.1')).toMatchObject({ state: 'fail' });
    expect(checkNode('20.19.0')).toMatchObject({ state: 'ok' });
  });
});
