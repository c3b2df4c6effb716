import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it, vi } from 'vitest';
import { packageRoot } from '../core/paths.ts';
import { TestFolder } from '../lab/fixtures/scratch.ts';
import { faultOf } from '../lab/fixtures/setup-fault.ts';
import { run } from './command.mjs';
import { asFileFault } from './fault.mjs';

const folder = new TestFolder();
const never = new AbortController().signal;

/** A zombie (in a container without an init) does not count as running. */
function isRunning(pid: number): boolean {
  const file = `/proc/${pid}/stat`;
  return existsSync(file) && !/\) [ZX] /.test(readFileSync(file, 'utf8'));
}

describe('a step', () => {
  const command = { what: 'The thing', remedy: 'Do this.', limitMs: 10_000, signal: never, file: process.execPath };

  it('shows the end of the log when it fails, and where the log is', async () => {
    const script =
      'for (let i = 1; i < 41; i++) console.log("line " + i); console.error("broken"); process.exitCode = 3';
    const logFile = join(folder.path, 'deep/log');
    const fault = await faultOf(run({ ...command, args: ['-e', script], logFile }));
    expect(fault.message).toBe(`The thing: ${process.execPath} ended with exit code 3`);
    expect(fault.text).toContain('  | line 40\n');
    expect(fault.text).toContain('  | broken\n');
    expect(fault.text).not.toContain('line 1\n');
    expect(fault.text.split('\n').at(-1)).toContain(`(all of it: ${logFile}). Do this.`);
    expect(readFileSync(logFile, 'utf8')).toContain('line 1\n');
  });

  it('has an empty standard input', async () => {
    const lines: string[] = [];
    const script = 'process.stdin.on("data", () => {}).on("end", () => console.log("end of input"))';
    await run({
      ...command,
      args: ['-e', script],
      logFile: join(folder.path, 'log'),
      onLine: (line) => lines.push(line),
    });
    expect(lines).toEqual(['end of input']);
  });

  it('is stopped with all its child processes when set-up stops and after its time limit', async () => {
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
    const fault = await faultOf(
      run({ ...command, args, logFile: join(folder.path, 'log'), signal: stop.signal, onLine }),
    );
    expect(fault.message).toContain('was stopped');
    await vi.waitFor(() => expect(isRunning(grandchild)).toBe(false));

    const late = await faultOf(run({ ...command, args, logFile: join(folder.path, 'log'), limitMs: 200 }));
    expect(late.message).toContain('took longer than');
  });

  it('reports a missing program', async () => {
    const fault = await faultOf(
      run({ ...command, file: 'mien-no-such-program', args: [], logFile: join(folder.path, 'log') }),
    );
    expect(fault.message).toContain('could not be started');
  });

  it('reports a full disk of its log, or a log that cannot be opened, in one line', async () => {
    const args = ['-e', 'console.log("a line")'];
    const full = await faultOf(run({ ...command, args, logFile: '/dev/full' }));
    expect(full.text).toBe('mien: the disk of /dev/full is full (ENOSPC). Free some space on it, then start again.');
    expect(full.code).toBe(73);
    const onLine = vi.fn();
    const taken = await faultOf(run({ ...command, args, logFile: folder.path, onLine }));
    expect(taken.text).toContain(`mien: ${folder.path} is a folder, expected a file (EISDIR)`);
    expect(onLine).not.toHaveBeenCalled();
  });

  it('names the whole checkout in the remedy when one of its files belongs to another user', () => {
    const error = (path: string) => Object.assign(new Error('x'), { code: 'EACCES', path });
    const inside = asFileFault(error(join(packageRoot, '.mien/log/setup-npm.log')));
    expect(inside?.remedy).toContain(`sudo chown -R "$(id -un)" "${packageRoot}"`);
    expect(asFileFault(error('/elsewhere/log'))?.remedy).toContain('"/elsewhere/log"');
    expect(asFileFault(new TypeError('ours'))).toBeUndefined();
  });

  describe('through sudo', () => {
    /** A fake sudo that takes `-n COMMAND...` and runs it as this user; with `refuses` it refuses to kill. */
    const fakeSudo = (refuses = false) => {
      const refusal = 'case "$*" in *kill*) echo "sudo: a password is required" >&2; exit 1;; esac';
      const script = `#!/bin/sh\nshift\n${refuses ? refusal : ''}\nexec "$@"\n`;
      writeFileSync(join(folder.path, 'sudo'), script, { mode: 0o755 });
      return { ...process.env, PATH: `${folder.path}:${process.env.PATH}` };
    };
    const idle = ['-n', process.execPath, '-e', 'console.log(process.pid); setInterval(() => {}, 1000)'];

    it('stays on the terminal of set-up, for which sudo remembers the password, and is ended by sudo', async () => {
      const stop = new AbortController();
      const session = (pid: number) => readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ')[1]?.split(' ')[3];
      let pid = 0;
      let itsSession: string | undefined;
      const onLine = (line: string) => {
        pid = Number(line);
        itsSession = session(pid);
        stop.abort();
      };
      const options = { ...command, file: 'sudo', args: idle, env: fakeSudo(), logFile: join(folder.path, 'log') };
      const fault = await faultOf(run({ ...options, signal: stop.signal, onLine }));
      expect(fault.message).toBe('The thing: sudo was stopped');
      expect(itsSession).toBe(session(process.pid));
      expect(isRunning(pid)).toBe(false);
    });

    it('is not awaited forever when sudo does not end it', async () => {
      let pid = 0;
      const onLine = (line: string) => {
        pid = Number(line);
      };
      const options = { ...command, file: 'sudo', args: idle, env: fakeSudo(true), logFile: join(folder.path, 'log') };
      try {
        const fault = await faultOf(run({ ...options, limitMs: 1000, onLine }));
        expect(fault.message).toContain(`process ${pid} could not be ended (sudo: a password is required)`);
      } finally {
        process.kill(pid);
      }
    }, 20_000);
  });
});
