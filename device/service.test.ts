/** The daemon as systemd starts it on Debian 12: through the launcher, with a notification socket and a watchdog. */
import { spawn, spawnSync } from 'node:child_process';
import { readdirSync, readFileSync, readlinkSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, onTestFinished, test } from 'vitest';
import { packageRoot } from './core/paths.ts';
import { buildLauncher } from './lab/fixtures/launcher.ts';
import { runOnClip, until } from './lab/fixtures/mien.ts';
import { scratchFolder } from './lab/fixtures/scratch.ts';

const scratch = scratchFolder();
const launcher = buildLauncher(scratch);
const python = spawnSync('python3', ['--version']).status === 0;
if (launcher === undefined) console.warn('skipped: the launcher of the service (no C compiler)');
else if (!python) console.warn('skipped: the daemon with a notification socket (no python3)');

/** A notification socket, and what arrived there. */
async function notificationSocket() {
  const path = join(scratch, 'notify');
  const script = join(packageRoot, 'device', 'lab', 'fixtures', 'notify-socket.py');
  const listener = spawn('python3', [script, path], { stdio: ['ignore', 'pipe', 'inherit'] });
  onTestFinished(() => void listener.kill());
  let text = '';
  listener.stdout.on('data', (bytes: Buffer) => {
    text += bytes;
  });
  const lines = () => text.trim().split('\n').slice(1);
  await until(() => text.startsWith('bound'));
  return { path, lines };
}

/** Process ids of the children of a process. */
function childrenOf(pid: number): readonly number[] {
  const text = readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8').trim();
  return text === '' ? [] : text.split(' ').map(Number);
}

test.skipIf(launcher === undefined || !python)(
  'systemd hears all, and the children of the daemon nothing',
  async () => {
    const socket = await notificationSocket();
    const variables = [`NOTIFY_SOCKET=${socket.path}`, 'WATCHDOG_USEC=600000', 'INVOCATION_ID=0123', 'MIEN_UNKNOWN=1'];
    const settings = { dataDir: join(scratch, 'data'), 'mqtt.enabled': 'false' };
    const mien = runOnClip(settings, ['env', ...variables, launcher!, process.execPath]);
    onTestFinished(() => void mien.stop('SIGKILL'));
    await mien.prints(/MIEN_UNKNOWN: no such setting/);
    expect(await until(() => socket.lines()[0])).toMatch(/^READY=1 STATUS=ok$/);
    expect((await fetch(await mien.url())).status).toBe(200);
    await until(() => socket.lines().filter((line) => line.startsWith('WATCHDOG=1')).length > 5);

    const { pid } = mien.process;
    const own = readlinkSync(`/proc/${pid}/fd/3`);
    expect(own).toMatch(/^socket:/);
    const [vision, ...more] = childrenOf(pid!);
    expect(more).toEqual([]);
    const environment = readFileSync(`/proc/${vision}/environ`, 'utf8').split('\0');
    expect(environment).toContain('MALLOC_ARENA_MAX=2');
    expect(environment.filter((each) => /^(NOTIFY|LISTEN|WATCHDOG|INVOCATION|MIEN)/.test(each))).toEqual([]);
    const descriptors = readdirSync(`/proc/${vision}/fd`).map((fd) => readlinkSync(`/proc/${vision}/fd/${fd}`));
    expect(descriptors).not.toContain(own);

    expect(await mien.stop()).toBe(0);
    expect(socket.lines().at(-1)).toBe('STOPPING=1');
  },
);

describe.skipIf(launcher === undefined)('the launcher', () => {
  const launch = (socket: string | undefined, ...args: string[]) => {
    const env = socket === undefined ? {} : { NOTIFY_SOCKET: socket };
    const { status, stdout, stderr } = spawnSync(launcher!, args, { env, encoding: 'utf8' });
    return { status, stdout, stderr };
  };

  test('without a socket becomes the program', () => {
    expect(launch(undefined, '/usr/bin/env')).toEqual({ status: 0, stdout: '', stderr: '' });
  });

  test('says what is wrong', () => {
    expect(launch(undefined)).toMatchObject({
      status: 64,
      stderr: 'mien-launch: expected a program and its arguments, got nothing\n',
    });
    expect(launch('/nowhere/notify', '/bin/true')).toMatchObject({
      status: 71,
      stderr: 'mien-launch: NOTIFY_SOCKET: No such file or directory\n',
    });
    expect(launch(`/${'x'.repeat(120)}`, '/bin/true')).toMatchObject({
      status: 78,
      stderr: 'mien-launch: NOTIFY_SOCKET: expected a path of at most 107 bytes, got 121\n',
    });
    expect(launch(undefined, '/nowhere/mien')).toMatchObject({
      status: 69,
      stderr: '/nowhere/mien: No such file or directory\n',
    });
  });
});
