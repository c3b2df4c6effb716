import { spawn, spawnSync } from 'node:child_process';
import {
  closeSync,
  existsSync,
  mkdirSync,
  openSync,
  readFileSync,
  readlinkSync,
  rmSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it, vi } from 'vitest';
import { packageRoot } from '../core/paths.ts';
import { TestFolder } from '../lab/fixtures/scratch.ts';
import { faultOf } from '../lab/fixtures/setup-fault.ts';
import { SetupFault } from './fault.mjs';
import { fingerprintOf, replaceFile } from './fingerprint.mjs';
import { takeLock } from './lock.mjs';
import { parseArguments } from './main.mjs';
import { findNpm, linkMien, matchesLock } from './modules.mjs';
import { createProgress } from './progress.mjs';

const folder = new TestFolder();
const never = new AbortController().signal;

describe('progress', () => {
  it('prints signs of life in lines without a terminal', () => {
    vi.useFakeTimers();
    try {
      const lines: string[] = [];
      const progress = createProgress({
        out: { write: (text) => lines.push(text) },
        live: false,
        mono: () => Date.now(),
      });
      const first = progress.step('npm packages');
      const second = progress.step('binding');
      second.note('12/28 files');
      vi.advanceTimersByTime(15_000);
      first.done();
      second.fail();
      vi.advanceTimersByTime(60_000);
      expect(lines).toEqual([
        '[0 s] npm packages ...\n',
        '[0 s] binding ...\n',
        '  ... npm packages (15 s), binding 12/28 files (15 s)\n',
        '[15 s] npm packages: done, 15 s\n',
        '[15 s] binding: failed, 15 s\n',
      ]);
    } finally {
      vi.useRealTimers();
    }
  });
});

describe('steps that are already done', () => {
  it('detects a changed, added or removed source, and nothing else', () => {
    writeFileSync(join(folder.path, 'a.ts'), '1');
    writeFileSync(join(folder.path, 'a.test.ts'), '1');
    const now = () => fingerprintOf(folder.path, (name) => !name.endsWith('.test.ts'));
    const first = now();
    writeFileSync(join(folder.path, 'a.test.ts'), 'changed');
    expect(now()).toBe(first);
    utimesSync(join(folder.path, 'a.ts'), 1, 1);
    const touched = now();
    expect(touched).not.toBe(first);
    writeFileSync(join(folder.path, 'b.ts'), '');
    expect(now()).not.toBe(touched);
    rmSync(join(folder.path, 'b.ts'));
    expect(now()).toBe(touched);
  });

  it('accepts the record of npm, except when a package is missing or of another version', () => {
    const entries = {
      'node_modules/a': { version: '1.0.0' },
      'node_modules/mac-only': { version: '1.0.0', optional: true },
    };
    const lock = JSON.stringify({ packages: { '': {}, ...entries } });
    mkdirSync(join(folder.path, 'node_modules/a'), { recursive: true });
    const record = (version: string) =>
      writeFileSync(
        join(folder.path, 'node_modules/.package-lock.json'),
        JSON.stringify({ packages: { 'node_modules/a': { version } } }),
      );
    expect(matchesLock(folder.path, lock)).toBe(false);
    record('1.0.0');
    expect(matchesLock(folder.path, lock)).toBe(true);
    record('1.0.1');
    expect(matchesLock(folder.path, lock)).toBe(false);
    writeFileSync(join(folder.path, 'node_modules/.package-lock.json'), '{ "packages": { "node_mod');
    expect(matchesLock(folder.path, lock)).toBe(false);
    record('1.0.0');
    rmSync(join(folder.path, 'node_modules/a'), { recursive: true });
    expect(matchesLock(folder.path, lock)).toBe(false);
  });

  it('replaces a file that a process has open, and removes a failed copy', () => {
    const old = join(folder.path, 'old.node');
    writeFileSync(old, 'old');
    writeFileSync(join(folder.path, 'new.node'), 'new');
    const held = openSync(old, 'r');
    try {
      replaceFile(join(folder.path, 'new.node'), old);
      expect(readFileSync(held, 'utf8')).toBe('old');
      expect(readFileSync(old, 'utf8')).toBe('new');
      mkdirSync(join(folder.path, 'taken'));
      expect(() => replaceFile(old, join(folder.path, 'taken'))).toThrow('EISDIR');
      expect(existsSync(join(folder.path, 'taken.part'))).toBe(false);
    } finally {
      closeSync(held);
    }
  });

  it('links mien, and replaces a wrong link', () => {
    linkMien(folder.path);
    linkMien(folder.path);
    const link = join(folder.path, 'node_modules/.bin/mien');
    expect(readlinkSync(link)).toBe('../../device/dist/cli.js');
    rmSync(link);
    writeFileSync(link, 'something else');
    linkMien(folder.path);
    expect(readlinkSync(link)).toBe('../../device/dist/cli.js');
  });
});

describe('the lock file', () => {
  it('has every optional package of all platforms, because npm ci requires it', () => {
    type Entry = { version?: string; optionalDependencies?: Record<string, string> };
    const text = readFileSync(join(packageRoot, 'package-lock.json'), 'utf8');
    const packages = Object.entries((JSON.parse(text) as { packages: Record<string, Entry> }).packages);
    const names = new Set(packages.map(([path]) => path.split('node_modules/').at(-1)!));
    const wanted = packages.flatMap(([, { optionalDependencies = {} }]) => Object.keys(optionalDependencies));
    expect(wanted.filter((name) => !names.has(name))).toEqual([]);
    expect(packages.filter(([path, { version }]) => path !== '' && version === undefined)).toEqual([]);
  });
});

describe('takeLock', () => {
  it('makes a second set-up wait for the first, and names it', async () => {
    const release = await takeLock({ root: folder.path, signal: never, onWait: () => {} });
    let waitingFor = '';
    const second = takeLock({
      root: folder.path,
      signal: never,
      onWait: (holder) => {
        waitingFor = holder;
        void release();
      },
    });
    await (await second)();
    expect(waitingFor).toBe(String(process.pid));
  });

  it('is released when its holder is killed', async () => {
    const script = `
      const { takeLock } = await import(${JSON.stringify(join(packageRoot, 'device/setup/lock.mjs'))});
      await takeLock({ root: ${JSON.stringify(folder.path)}, signal: new AbortController().signal, onWait() {} });
      console.log('held');
      setInterval(() => {}, 1000);`;
    const holder = spawn(process.execPath, ['--input-type=module', '-e', script]);
    await new Promise((resolve) => holder.stdout.once('data', resolve));
    const onWait = vi.fn(() => void holder.kill('SIGKILL'));
    const release = await takeLock({ root: folder.path, signal: never, onWait });
    expect(onWait).toHaveBeenCalledWith(String(holder.pid));
    await release();
  });

  it('stops waiting when set-up is stopped', async () => {
    const release = await takeLock({ root: folder.path, signal: never, onWait: () => {} });
    const stop = new AbortController();
    const fault = await faultOf(takeLock({ root: folder.path, signal: stop.signal, onWait: () => stop.abort() }));
    expect(fault.message).toBe('stopped while waiting');
    await release();
  });
});

describe('the command line', () => {
  it('knows its verbs and passes on the rest', () => {
    expect(parseArguments(['demo', '--for', '30'])).toEqual({ purpose: 'demo', run: true, rest: ['--for', '30'] });
    expect(parseArguments(['setup'])).toEqual({ purpose: 'demo', run: false, rest: [] });
    expect(parseArguments(['setup', 'test'])).toEqual({ purpose: 'test', run: false, rest: [] });
    expect(() => parseArguments(['setup', 'all'])).toThrow(SetupFault);
  });

  it('prints one line and exits with 64 for an unknown verb', () => {
    const { status, stderr } = spawnSync(
      process.execPath,
      [join(packageRoot, 'device/setup/start.mjs'), 'demonstrate'],
      {
        encoding: 'utf8',
      },
    );
    expect(status).toBe(64);
    expect(stderr.trim().split('\n')).toHaveLength(1);
    expect(stderr).toContain('got "demonstrate"');
  });

  it('uses the npm that started it, if it is npm', () => {
    const cli = join(folder.path, 'npm-cli.js');
    writeFileSync(cli, '');
    expect(findNpm({ npm_execpath: cli })).toEqual([process.execPath, cli]);
    expect(findNpm({ npm_execpath: '/usr/lib/yarn.js' })).toEqual(['npm']);
    expect(findNpm({})).toEqual(['npm']);
  });
});
