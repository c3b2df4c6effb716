import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type RequestListener, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { exitCode } from '../../core/errors.ts';
import { type PinnedModel, readManifest } from '../../core/manifest.ts';
import { packageRoot } from '../../core/paths.ts';
import { pullModel } from './pull.ts';

const content = Buffer.from('a model of 25 bytes, no more');
const model: PinnedModel = {
  name: 'tiny',
  task: 'test',
  file: 'tiny.onnx',
  from: { url: 'http://127.0.0.1:9/tiny.onnx' },
  bytes: content.length,
  sha256: createHash('sha256').update(content).digest('hex'),
  licence: 'MIT',
  data: ['made-up pictures'],
  about: '',
};

let folder: string;
let server: Server;
let mirror: string;
let answer: RequestListener;

beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'mien-models-'));
  server = createServer((request, response) => answer(request, response));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  mirror = `http://127.0.0.1:${(server.address() as AddressInfo).port}/models/`;
});
afterEach(async () => {
  server.closeAllConnections();
  await new Promise((resolve) => server.close(resolve));
  rmSync(folder, { recursive: true });
});

const modelsDir = () => join(folder, 'models');
const target = () => join(modelsDir(), model.file);

describe('pullModel', () => {
  it('downloads the file from a base URL, with progress, and leaves no other file', async () => {
    const paths: (string | undefined)[] = [];
    answer = (request, response) => {
      paths.push(request.url);
      response.end(content);
    };
    const seen: number[] = [];
    const from = await pullModel({
      model,
      modelsDir: modelsDir(),
      mirror,
      onProgress: (received) => seen.push(received),
    });
    expect(from).toBe(`${mirror}tiny.onnx`);
    expect(paths).toEqual(['/models/tiny.onnx']);
    expect(readFileSync(target())).toEqual(content);
    expect(readdirSync(modelsDir())).toEqual([model.file]);
    expect(seen.at(-1)).toBe(content.length);
  });

  it('copies it from a folder, and does not download an existing file', async () => {
    writeFileSync(join(folder, model.file), content);
    expect(await pullModel({ model, modelsDir: modelsDir(), mirror: folder })).toBe(join(folder, model.file));
    expect(await pullModel({ model, modelsDir: modelsDir(), mirror: '/nowhere' })).toBe('present');
  });

  it('replaces a file that does not match', async () => {
    writeFileSync(join(folder, model.file), content);
    mkdirSync(modelsDir());
    writeFileSync(target(), 'something else');
    await pullModel({ model, modelsDir: modelsDir(), mirror: folder });
    expect(readFileSync(target())).toEqual(content);
  });

  it.each([
    ['another file of the same size', Buffer.alloc(content.length, 1)],
    ['a longer one', Buffer.concat([content, content])],
    ['a shorter one', content.subarray(1)],
  ])('refuses %s', async (_, body) => {
    answer = (_request, response) => void response.end(body);
    await expect(pullModel({ model, modelsDir: modelsDir(), mirror })).rejects.toMatchObject({
      code: exitCode.badData,
      message: expect.stringContaining(`expected ${content.length} bytes with sha256 ${model.sha256}, got`),
    });
    expect(readdirSync(modelsDir())).toEqual([]);
  });

  it('reports the status of the server', async () => {
    answer = (_request, response) => void response.writeHead(404).end();
    await expect(pullModel({ model, modelsDir: modelsDir(), mirror })).rejects.toMatchObject({
      code: exitCode.unavailable,
      message: expect.stringContaining('the server answered 404'),
      remedy: expect.stringContaining('--mirror'),
    });
  });

  it('times out without an answer, and on a stalled answer', async () => {
    answer = () => {};
    const pull = () => pullModel({ model, modelsDir: modelsDir(), mirror, connectMs: 50, stallMs: 50 });
    await expect(pull()).rejects.toMatchObject({ message: expect.stringContaining('no answer within 0.05 s') });
    answer = (_request, response) => void response.write(content.subarray(0, 3));
    await expect(pull()).rejects.toMatchObject({ message: expect.stringContaining('no answer within 0.05 s') });
    expect(readdirSync(modelsDir())).toEqual([]);
  });

  it('reports why there is no connection, and which folder lacks the file', async () => {
    await expect(pullModel({ model, modelsDir: modelsDir() })).rejects.toMatchObject({ code: exitCode.unavailable });
    await expect(pullModel({ model, modelsDir: modelsDir(), mirror: '/nowhere' })).rejects.toMatchObject({
      code: exitCode.unavailable,
      message: 'Cannot get tiny.onnx from /nowhere/tiny.onnx: no such file',
    });
  });

  it('reports a folder that cannot be written', async () => {
    answer = (_request, response) => void response.end(content);
    writeFileSync(modelsDir(), 'a file in the place of the folder');
    await expect(pullModel({ model, modelsDir: modelsDir(), mirror })).rejects.toMatchObject({
      code: exitCode.cannotWrite,
    });
  });
});

const shared = join(packageRoot, '../shared/models');

describe('the manifest', () => {
  it('pins YuNet and BlazeFace, in the order of choice', () => {
    expect(readManifest().models.map(({ name }) => name)).toEqual(['yunet', 'blazeface']);
  });

  it.skipIf(!existsSync(shared))('matches the file of the local mirror (skipped without ../shared)', async () => {
    const mirrored = readManifest().models.filter(({ file }) => existsSync(join(shared, file)));
    expect(mirrored.length).toBeGreaterThan(0);
    for (const pinned of mirrored) {
      await pullModel({ model: pinned, modelsDir: modelsDir(), mirror: shared });
      expect(existsSync(join(modelsDir(), pinned.file))).toBe(true);
    }
  });
});
