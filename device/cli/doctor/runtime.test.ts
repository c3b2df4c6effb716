import { describe, expect, it } from 'vitest';
import { TestFolder } from '../../lab/fixtures/scratch.ts';
import { checkAddons, checkNode } from './runtime.ts';

const folder = new TestFolder();

describe('native addons', () => {
  it('reports their versions', async () => {
    expect(await checkAddons()).toEqual([
      { part: 'opencv', state: 'ok', detail: expect.stringMatching(/^4\.\d+\.\d+, video through V4L2, FFmpeg/) },
      { part: 'onnxruntime', state: 'ok', detail: expect.stringMatching(/^\d+\.\d+/) },
      { part: 'sqlite', state: 'ok', detail: expect.stringMatching(/^3\.\d+/) },
    ]);
  });

  it('survives an addon that kills its process, and reports the fault', async () => {
    folder.write('package.json', '{}');
    folder.write('node_modules/better-sqlite3/index.js', "process.kill(process.pid, 'SIGILL')");
    folder.write(
      'node_modules/onnxruntime-node/index.js',
      "throw new Error('libonnxruntime.so: cannot open shared object file')",
    );
    expect(await checkAddons({ root: folder.path })).toMatchObject([
      { part: 'opencv', state: 'fail', detail: expect.stringContaining("Cannot find module '@u4/opencv4nodejs'") },
      { part: 'onnxruntime', state: 'fail', detail: expect.stringContaining('cannot open shared object file') },
      {
        part: 'sqlite',
        state: 'fail',
        detail: expect.stringContaining('instruction that this processor does not support'),
      },
    ]);
  });

  it('calls an addon slow, not broken, while its process works, and broken where it does nothing', async () => {
    folder.write('node_modules/better-sqlite3/index.js', 'const end = Date.now() + 60_000; while (Date.now() < end);');
    folder.write(
      'node_modules/onnxruntime-node/index.js',
      'Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 60_000);',
    );
    const limits = { idleMs: 1500, totalMs: 3000 };
    const findings = await checkAddons({ root: folder.path, limits, packaged: true });
    expect(findings.slice(1)).toMatchObject([
      {
        state: 'fail',
        detail: 'does not load: stuck for 1.5 s',
        remedy: 'Install the release again (mien update, or unpack its archive)',
      },
      { state: 'warn', detail: expect.stringMatching(/^slow: still loading after \d+ s$/) },
    ]);
  });

  it('says how long a slow addon took', async () => {
    const sqlite = (await checkAddons({ slowAfterMs: 1 })).find(({ part }) => part === 'sqlite');
    expect(sqlite).toMatchObject({
      state: 'warn',
      detail: expect.stringMatching(/^3\.\d+\.\d+; slow: loaded in \d+ s$/),
      remedy: expect.stringContaining('power supply'),
    });
  });

  it('names no npm and no build on a packaged device', async () => {
    folder.write('node_modules/better-sqlite3/index.js', "process.kill(process.pid, 'SIGILL')");
    folder.write('node_modules/onnxruntime-node/index.js', "throw new Error('damaged')");
    const findings = [...(await checkAddons({ root: folder.path, packaged: true })), checkNode('20.18.1', true)];
    expect(findings.map(({ state }) => state)).toEqual(['fail', 'fail', 'fail', 'fail']);
    expect(JSON.stringify(findings.map(({ remedy }) => remedy))).not.toMatch(/npm|[Bb]uild|Node/);
  });

  it('requires Node 20.19', () => {
    expect(checkNode('20.18.1')).toMatchObject({ state: 'fail' });
    expect(checkNode('20.19.0')).toMatchObject({ state: 'ok' });
  });
});
