import { spawn, spawnSync } from 'node:child_process';
import {
  closeSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  openSync,
  readFileSync,
  readlinkSync,
  rmSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { packageRoot } from '../core/paths.ts';
import { run } from './command.mjs';
import { asFileFault, SetupFault } from './fault.mjs';
import { fingerprintOf, replaceFile } from './fingerprint.mjs';
import { takeLock } from './lock.mjs';
import { parseArguments } from './main.mjs';
import { findNpm, linkMien, matchesLock } from './modules.mjs';
import { compilersAtOnce } from './native.mjs';
import {
  checkPlatform,
  findNodeHeaders,
  groupsFor,
  installPackages,
  missingFrom,
  packageGroups,
  parseInstalled,
  rootPrefix,
} from './packages.mjs';
import { createProgress } from './progress.mjs';
import { complainAboutNode } from './start.mjs';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'mien-setup-'));
});
afterEach(() => rmSync(folder, { recursive: true }));

const never = new AbortController().signal;
const debian12 = 'PRETTY_NAME="Debian GNU/Linux 12 (bookworm)"\nID=debian\nVERSION_ID="12"\n';

async function faultOf(work: Promise<unknown>): Promise<SetupFault> {
  const error = await work.then(
    () => undefined,
    (reason: unknown) => reason,
  );
  if (error instanceof SetupFault) return error;
  throw new Error(`expected a SetupFault, got ${error}`);
}

describe('the machine', () => {
  it('refuses a Node that is too old, in one line', () => {
    expect(complainAboutNode('20.18.3')).toContain('Node 20.19 or newer is needed, this is 20.18.3');
    expect(complainAboutNode('18.20.0')?.split('\n')).toHaveLength(1);
    expect(complainAboutNode('20.19.0')).toBeUndefined();
    expect(complainAboutNode('24.1.0')).toBeUndefined();
  });

  it.each([
    ['Debian 12', debian12],
    ['Debian 13', 'ID=debian\nVERSION_ID="13"\n'],
    ['Debian testing, which has no number', 'ID=debian\n'],
    ['a Jetson', 'ID=ubuntu\nID_LIKE=debian\nVERSION_ID="22.04"\n'],
  ])('takes %s', (_, osRelease) => {
    expect(() => checkPlatform({ platform: 'linux', arch: 'arm64', osRelease })).not.toThrow();
  });

  it.each([
    ['darwin', 'arm64', undefined, 'this is darwin'],
    ['linux', 'arm', debian12, 'this Node is built for arm'],
    ['linux', 'x64', 'ID=fedora\nPRETTY_NAME="Fedora Linux 44"\n', 'this is Fedora Linux 44'],
    ['linux', 'x64', 'ID=debian\nVERSION_ID="11"\n', 'this is debian 11'],
    ['linux', 'x64', undefined, 'this is an unknown system'],
  ])('refuses %s %s', (platform, arch, osRelease, what) => {
    expect(() => checkPlatform({ platform, arch, osRelease })).toThrow(what);
  });

  it('becomes root by being it, or by sudo that does not ask', () => {
    expect(rootPrefix({ uid: 0, sudoWorks: () => false })).toEqual([]);
    expect(rootPrefix({ uid: 1000, sudoWorks: () => true })).toEqual(['sudo', '-n']);
    expect(rootPrefix({ uid: 1000, sudoWorks: () => false })).toBeUndefined();
  });

  it('compiles with one process per core, but one per free gigabyte at most', () => {
    expect(compilersAtOnce({ cores: 4, freeBytes: 8e9 })).toBe(4);
    expect(compilersAtOnce({ cores: 4, freeBytes: 2.5e9 })).toBe(2);
    expect(compilersAtOnce({ cores: 4, freeBytes: 0.4e9 })).toBe(1);
  });

  it('uses headers beside Node only when they are of the same version', () => {
    const include = join(folder, 'include/node');
    mkdirSync(include, { recursive: true });
    mkdirSync(join(folder, 'bin'));
    writeFileSync(join(folder, 'bin/node'), '');
    writeFileSync(join(include, 'node.h'), '');
    const define = (part: string, value: number) => `#define NODE_${part}_VERSION ${value}\n`;
    writeFileSync(join(include, 'node_version.h'), define('MAJOR', 20) + define('MINOR', 20) + define('PATCH', 2));
    expect(findNodeHeaders(join(folder, 'bin/node'), '20.20.2')).toBe(folder);
    expect(findNodeHeaders(join(folder, 'bin/node'), '20.20.1')).toBeUndefined();
    rmSync(join(include, 'node.h'));
    expect(findNodeHeaders(join(folder, 'bin/node'), '20.20.2')).toBeUndefined();
  });
});

describe('Debian packages', () => {
  it('asks for a browser and a broker for the tests only, and for headers only with a Node that lacks them', () => {
    const names = (purpose: 'demo' | 'test', debianNodeWithoutHeaders = false) =>
      groupsFor({ purpose, debianNodeWithoutHeaders }).flatMap((group) => group.names);
    expect(names('demo')).not.toContain('chromium');
    expect(names('test')).toEqual(expect.arrayContaining([...names('demo'), 'chromium', 'mosquitto']));
    expect(names('demo')).not.toContain('libnode-dev');
    expect(names('demo', true)).toContain('libnode-dev');
  });

  it('takes for installed only what dpkg has completely, and names the rest', () => {
    const installed = parseInstalled('g++\tinstalled\t4:12\nmake\tconfig-files\t4.3\npython3\tunpacked\t3.11\n');
    expect([...installed]).toEqual([['g++', '4:12']]);
    expect(missingFrom(packageGroups.slice(0, 1), installed)).toEqual([
      { why: packageGroups[0]!.why, names: ['make', 'python3'] },
    ]);
    expect(missingFrom([{ why: 'x', names: ['g++'] }], installed)).toEqual([]);
  });

  it('says the exact command when there is neither root nor sudo', async () => {
    const progress = createProgress({ out: { write: () => true }, live: false });
    const missing = [{ why: 'x', names: ['g++', 'make'] }];
    const fault = await faultOf(
      installPackages({ missing, prefix: undefined, progress, logFile: join(folder, 'log'), signal: never }),
    );
    expect(fault.text).toBe(
      'mien: Debian packages are missing, and this user is neither root nor allowed "sudo -n". ' +
        'Run this, then start again: sudo apt-get install -y --no-install-recommends g++ make',
    );
    expect(fault.code).toBe(69);
  });
});

/** A process that has ended but that nobody has collected yet (a container without an init) does not count. */
function isRunning(pid: number): boolean {
  const file = `/proc/${pid}/stat`;
  return existsSync(file) && !/\) [ZX] /.test(readFileSync(file, 'utf8'));
}

describe('a step', () => {
  const command = { what: 'The thing', remedy: 'Do this.', limitMs: 10_000, signal: never, file: process.execPath };

  it('shows the end of the log when it fails, and where the log is', async () => {
    const script =
      'for (let i = 1; i < 41; i++) console.log("line " + i); console.error("broken"); process.exitCode = 3';
    const logFile = join(folder, 'deep/log');
    const fault = await faultOf(run({ ...command, args: ['-e', script], logFile }));
    expect(fault.message).toBe(`The thing: ${process.execPath} ended with exit code 3`);
    expect(fault.text).toContain('  | line 40\n');
    expect(fault.text).toContain('  | broken\n');
    expect(fault.text).not.toContain('line 1\n');
    expect(fault.text.split('\n').at(-1)).toContain(`(all of it: ${logFile}). Do this.`);
    expect(readFileSync(logFile, 'utf8')).toContain('line 1\n');
  });

  it('has no standard input to wait on', async () => {
    const lines: string[] = [];
    const script = 'process.stdin.on("data", () => {}).on("end", () => console.log("end of input"))';
    await run({ ...command, args: ['-e', script], logFile: join(folder, 'log'), onLine: (line) => lines.push(line) });
    expect(lines).toEqual(['end of input']);
  });

  it('is stopped with all that it started when set-up stops, and when it takes too long', async () => {
    const script = `
      const child = require('node:child_process').spawn(process.execPath, ['-e', 'setInterval(() => {}, 1000)']);
      console.log(child.pid);`;
    const stop = new AbortController();
    let grandchild = 0;
    const onLine = (line: string) => {
      grandchild = Number(line);
      stop.abort();
    };
    const args = ['-e', script];
    const fault = await faultOf(run({ ...command, args, logFile: join(folder, 'log'), signal: stop.signal, onLine }));
    expect(fault.message).toContain('was stopped');
    await vi.waitFor(() => expect(isRunning(grandchild)).toBe(false));

    const late = await faultOf(run({ ...command, args, logFile: join(folder, 'log'), limitMs: 200 }));
    expect(late.message).toContain('took longer than');
  });

  it('says when the program is not there', async () => {
    const fault = await faultOf(
      run({ ...command, file: 'mien-no-such-program', args: [], logFile: join(folder, 'log') }),
    );
    expect(fault.message).toContain('could not be started');
  });

  it('says in one line that the disk of its log is full, or that the log cannot be opened', async () => {
    const args = ['-e', 'console.log("a line")'];
    const full = await faultOf(run({ ...command, args, logFile: '/dev/full' }));
    expect(full.text).toBe('mien: the disk of /dev/full is full (ENOSPC). Free some space on it, then start again.');
    expect(full.code).toBe(73);
    const onLine = vi.fn();
    const taken = await faultOf(run({ ...command, args, logFile: folder, onLine }));
    expect(taken.text).toContain(`mien: ${folder} is a folder, expected a file (EISDIR)`);
    expect(onLine).not.toHaveBeenCalled();
  });

  it('names the whole checkout to be taken back when one file in it belongs to another user', () => {
    const error = (path: string) => Object.assign(new Error('x'), { code: 'EACCES', path });
    const inside = asFileFault(error(join(packageRoot, '.mien/log/setup-npm.log')));
    expect(inside?.remedy).toContain(`sudo chown -R "$(id -un)" "${packageRoot}"`);
    expect(asFileFault(error('/elsewhere/log'))?.remedy).toContain('"/elsewhere/log"');
    expect(asFileFault(new TypeError('ours'))).toBeUndefined();
  });

  describe('through sudo', () => {
    /** A sudo that takes `-n COMMAND...` and runs it as who we are; `refuses`: only to kill. */
    const fakeSudo = (refuses = false) => {
      const refusal = 'case "$*" in *kill*) echo "sudo: a password is required" >&2; exit 1;; esac';
      const script = `#!/bin/sh\nshift\n${refuses ? refusal : ''}\nexec "$@"\n`;
      writeFileSync(join(folder, 'sudo'), script, { mode: 0o755 });
      return { ...process.env, PATH: `${folder}:${process.env.PATH}` };
    };
    const idle = ['-n', process.execPath, '-e', 'console.log(process.pid); setInterval(() => {}, 1000)'];

    it('stays on the terminal of set-up, whose password sudo remembers, and is ended by sudo', async () => {
      const stop = new AbortController();
      const session = (pid: number) => readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ')[1]?.split(' ')[3];
      let pid = 0;
      let itsSession: string | undefined;
      const onLine = (line: string) => {
        pid = Number(line);
        itsSession = session(pid);
        stop.abort();
      };
      const options = { ...command, file: 'sudo', args: idle, env: fakeSudo(), logFile: join(folder, 'log') };
      const fault = await faultOf(run({ ...options, signal: stop.signal, onLine }));
      expect(fault.message).toBe('The thing: sudo was stopped');
      expect(itsSession).toBe(session(process.pid));
      expect(isRunning(pid)).toBe(false);
    });

    it('is not waited for without end when sudo does not end it', async () => {
      let pid = 0;
      const onLine = (line: string) => {
        pid = Number(line);
      };
      const options = { ...command, file: 'sudo', args: idle, env: fakeSudo(true), logFile: join(folder, 'log') };
      try {
        const fault = await faultOf(run({ ...options, limitMs: 1000, onLine }));
        expect(fault.message).toContain(`process ${pid} could not be ended (sudo: a password is required)`);
      } finally {
        process.kill(pid);
      }
    }, 20_000);
  });
});

describe('progress', () => {
  it('gives a sign of life in lines where there is no terminal', () => {
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

describe('what is done already', () => {
  it('sees a source that changed, came or went, and nothing else', () => {
    writeFileSync(join(folder, 'a.ts'), '1');
    writeFileSync(join(folder, 'a.test.ts'), '1');
    const now = () => fingerprintOf(folder, (name) => !name.endsWith('.test.ts'));
    const first = now();
    writeFileSync(join(folder, 'a.test.ts'), 'changed');
    expect(now()).toBe(first);
    utimesSync(join(folder, 'a.ts'), 1, 1);
    const touched = now();
    expect(touched).not.toBe(first);
    writeFileSync(join(folder, 'b.ts'), '');
    expect(now()).not.toBe(touched);
    rmSync(join(folder, 'b.ts'));
    expect(now()).toBe(touched);
  });

  it('believes npm that the packages are there, but not when one is missing or of another version', () => {
    const entries = {
      'node_modules/a': { version: '1.0.0' },
      'node_modules/mac-only': { version: '1.0.0', optional: true },
    };
    const lock = JSON.stringify({ packages: { '': {}, ...entries } });
    mkdirSync(join(folder, 'node_modules/a'), { recursive: true });
    const record = (version: string) =>
      writeFileSync(
        join(folder, 'node_modules/.package-lock.json'),
        JSON.stringify({ packages: { 'node_modules/a': { version } } }),
      );
    expect(matchesLock(folder, lock)).toBe(false);
    record('1.0.0');
    expect(matchesLock(folder, lock)).toBe(true);
    record('1.0.1');
    expect(matchesLock(folder, lock)).toBe(false);
    writeFileSync(join(folder, 'node_modules/.package-lock.json'), '{ "packages": { "node_mod');
    expect(matchesLock(folder, lock)).toBe(false);
    record('1.0.0');
    rmSync(join(folder, 'node_modules/a'), { recursive: true });
    expect(matchesLock(folder, lock)).toBe(false);
  });

  it('replaces a file under a process that has it open, and leaves nothing of a copy that failed', () => {
    const old = join(folder, 'old.node');
    writeFileSync(old, 'old');
    writeFileSync(join(folder, 'new.node'), 'new');
    const held = openSync(old, 'r');
    try {
      replaceFile(join(folder, 'new.node'), old);
      expect(readFileSync(held, 'utf8')).toBe('old');
      expect(readFileSync(old, 'utf8')).toBe('new');
      mkdirSync(join(folder, 'taken'));
      expect(() => replaceFile(old, join(folder, 'taken'))).toThrow('EISDIR');
      expect(existsSync(join(folder, 'taken.part'))).toBe(false);
    } finally {
      closeSync(held);
    }
  });

  it('links mien, also over a link that is wrong', () => {
    linkMien(folder);
    linkMien(folder);
    const link = join(folder, 'node_modules/.bin/mien');
    expect(readlinkSync(link)).toBe('../../device/dist/cli.js');
    rmSync(link);
    writeFileSync(link, 'something else');
    linkMien(folder);
    expect(readlinkSync(link)).toBe('../../device/dist/cli.js');
  });
});

describe('the lock file', () => {
  it('has every package that a package in it names for some platform, or npm ci refuses it', () => {
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
  it('lets a second set-up wait for the first, and names it', async () => {
    const release = await takeLock({ root: folder, signal: never, onWait: () => {} });
    let waitingFor = '';
    const second = takeLock({
      root: folder,
      signal: never,
      onWait: (holder) => {
        waitingFor = holder;
        void release();
      },
    });
    await (await second)();
    expect(waitingFor).toBe(String(process.pid));
  });

  it('goes away with a holder that is killed', async () => {
    const script = `
      const { takeLock } = await import(${JSON.stringify(join(packageRoot, 'device/setup/lock.mjs'))});
      await takeLock({ root: ${JSON.stringify(folder)}, signal: new AbortController().signal, onWait() {} });
      console.log('held');
      setInterval(() => {}, 1000);`;
    const holder = spawn(process.execPath, ['--input-type=module', '-e', script]);
    await new Promise((resolve) => holder.stdout.once('data', resolve));
    const onWait = vi.fn(() => void holder.kill('SIGKILL'));
    const release = await takeLock({ root: folder, signal: never, onWait });
    expect(onWait).toHaveBeenCalledWith(String(holder.pid));
    await release();
  });

  it('stops waiting when set-up is stopped', async () => {
    const release = await takeLock({ root: folder, signal: never, onWait: () => {} });
    const stop = new AbortController();
    const fault = await faultOf(takeLock({ root: folder, signal: stop.signal, onWait: () => stop.abort() }));
    expect(fault.message).toBe('stopped while waiting');
    await release();
  });
});

describe('the command line', () => {
  it('knows its verbs and hands the rest on', () => {
    expect(parseArguments(['demo', '--for', '30'])).toEqual({ purpose: 'demo', run: true, rest: ['--for', '30'] });
    expect(parseArguments(['setup'])).toEqual({ purpose: 'demo', run: false, rest: [] });
    expect(parseArguments(['setup', 'test'])).toEqual({ purpose: 'test', run: false, rest: [] });
    expect(() => parseArguments(['setup', 'all'])).toThrow(SetupFault);
  });

  it('prints one line and ends with 64 for a verb that it does not know', () => {
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
    const cli = join(folder, 'npm-cli.js');
    writeFileSync(cli, '');
    expect(findNpm({ npm_execpath: cli })).toEqual([process.execPath, cli]);
    expect(findNpm({ npm_execpath: '/usr/lib/yarn.js' })).toEqual(['npm']);
    expect(findNpm({})).toEqual(['npm']);
  });
});
