/**
 * No library sends data or writes files on its own. Checks a real session in a network namespace with loopback only, under
 * strace, without the variable `CI`, which disables the telemetry of some libraries.
 *
 * MIEN_SESSION_SECONDS=300 makes it a session of five minutes.
 */
import { execFile, spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { describe, expect, test } from 'vitest';
import { packageRoot } from './core/paths.ts';
import { scratchFolder } from './lab/fixtures/scratch.ts';
import { whyBeyond } from './lab/fixtures/traced-calls.ts';

const broker = ['/usr/sbin/mosquitto', '/usr/local/sbin/mosquitto'].find((path) => existsSync(path)) ?? '';
const cli = join(packageRoot, 'device', 'dist', 'cli.js');
const session = join(packageRoot, 'device', 'lab', 'fixtures', 'traced-session.mjs');
/** ONNX Runtime sent its telemetry 10 s after the first inference. The session begins after that inference. */
const seconds = Number(process.env.MIEN_SESSION_SECONDS ?? 15);
const timeoutMs = 300_000 + seconds * 1000;
/** Its processes end with it. */
const namespace = ['--net', '--pid', '--fork', '--mount-proc', '--kill-child', 'sh', '-c'];
const inside = 'ip link set lo up && exec "$@"';

function whyNoNamespace(): string | undefined {
  const { status, stderr, error } = spawnSync('unshare', [...namespace, inside, '-', 'strace', '-f', 'true']);
  return status === 0 ? undefined : (error?.message ?? stderr.toString()).trim().split('\n')[0];
}

const why = whyNoNamespace();

describe.skipIf(why !== undefined)(`a session without a network${why ? ` (skipped: ${why})` : ''}`, () => {
  test(
    'resolves no name, connects to no other machine, and writes nothing outside of the data folder',
    async () => {
      const scratch = scratchFolder();
      const folders = Object.fromEntries(['home', 'tmp', 'work'].map((name) => [name, join(scratch, name)]));
      for (const folder of Object.values(folders)) mkdirSync(folder);
      // MIEN_SESSION_SECONDS is not a setting of the daemon.
      const { CI: _, GITHUB_ACTIONS: __, TF_BUILD: ___, MIEN_SESSION_SECONDS: ____, ...env } = process.env;
      const command = [process.execPath, session, cli, folders.work!, String(seconds), broker];
      const { stdout } = await promisify(execFile)('unshare', [...namespace, inside, '-', ...command], {
        env: { ...env, HOME: folders.home, TMPDIR: folders.tmp },
        timeout: timeoutMs,
        maxBuffer: Number.POSITIVE_INFINITY,
      });
      // The session covered all that it should.
      const { log, verbs, ...seen } = JSON.parse(stdout);
      console.log('session:', JSON.stringify(seen));
      expect(log).not.toMatch(/"level":"error"/);
      expect(seen).toMatchObject({ mqtt: broker === '' ? 'disabled' : 'connected' });
      expect(seen.tookS).toBeGreaterThanOrEqual(seconds);
      expect(seen.uploads.length).toBeGreaterThanOrEqual(3);
      expect(new Set(seen.uploads)).toEqual(new Set([200]));
      expect(seen.frames).toBeGreaterThan(10);
      expect(seen.visits).toBeGreaterThan(0);
      expect(verbs.map(({ command }: { command: string }) => command)).toEqual(['classify', 'doctor']);
      expect(verbs[0]).toMatchObject({ status: 0 });

      expect(beyondIn(folders.work!)).toEqual([]);
      expect(readdirSync(folders.home!)).toEqual([]);
      expect(readdirSync(folders.tmp!)).toEqual([]);
      const left = readdirSync(folders.work!).filter((name) => !name.startsWith('trace.'));
      expect(left.sort()).toEqual(['data', 'upload.jpg']);
    },
    timeoutMs + 30_000,
  );
});

/** Actions of the traced processes outside of the data folder, without duplicates. */
function beyondIn(folder: string): string[] {
  const traces = readdirSync(folder).filter((name) => name.startsWith('trace.'));
  const lines = traces.flatMap((name) => readFileSync(join(folder, name), 'utf8').split('\n'));
  // An empty trace would pass every check.
  expect(lines.filter((line) => line.includes(join(folder, 'data', 'mien.db'))).length).toBeGreaterThan(0);
  return [...new Set(lines.map((line) => whyBeyond(line, [join(folder, 'data')])))].filter(
    (each) => each !== undefined,
  );
}

test.each([
  [
    '1 connect(3<socket:[1]>, {sa_family=AF_INET, sin_port=htons(443), sin_addr=inet_addr("10.1.2.3")}, 16) = 0',
    '10.1.2.3',
  ],
  [
    '1 connect(3<socket:[1]>, {sa_family=AF_INET, sin_port=htons(53), sin_addr=inet_addr("127.0.0.53")}, 16) = 0',
    'looks up',
  ],
  [
    '1 connect(3<s>, {sa_family=AF_INET6, sin6_port=htons(80), inet_pton(AF_INET6, "2001:db8::1", &a)}, 28) = 0',
    '2001:db8::1',
  ],
  ['1 connect(3<s>, {sa_family=AF_UNIX, sun_path="/run/systemd/resolve/io.systemd.Resolve"}, 42) = 0', 'Resolve'],
  ['1 openat(AT_FDCWD</opt/mien>, "cache/x", O_WRONLY|O_CREAT, 0666 <unfinished ...>', 'writes /opt/mien/cache/x'],
  ['1 mkdir("/root/.cache", 0700) = 0', 'writes /root/.cache'],
  ['1 rename("/data/a", "/elsewhere/a") = 0', 'writes /elsewhere/a'],
])('the trace reports %s', (line, named) => expect(whyBeyond(line, ['/data'])).toContain(named));

test.each([
  '1 connect(3<s>, {sa_family=AF_INET, sin_port=htons(1883), sin_addr=inet_addr("127.0.0.1")}, 16) = 0',
  '1 connect(3<s>, {sa_family=AF_INET6, sin6_port=htons(80), inet_pton(AF_INET6, "::1", &a)}, 28) = 0',
  '1 openat(AT_FDCWD</opt/mien>, "/etc/hosts", O_RDONLY|O_CLOEXEC) = 3',
  '1 openat(AT_FDCWD</opt/mien>, "/data/mien.db", O_RDWR|O_CREAT, 0644) = 3',
  '1 <... openat resumed>) = 25</etc/hosts>',
  '1 openat(AT_FDCWD</opt/mien>, "/proc/26885/oom_score_adj", O_WRONLY|O_CREAT|O_TRUNC|O_CLOEXEC, 0666) = 3',
])('the trace allows %s', (line) => expect(whyBeyond(line, ['/data'])).toBeUndefined());
