import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { Mien, until } from '../lab/fixtures/mien.ts';
import { scratchFolder } from '../lab/fixtures/scratch.ts';

const folder = scratchFolder();

function visionOf({ process: { pid } }: Mien): Promise<number> {
  return until(
    () => Number(readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8').trim().split(' ')[0]) || undefined,
  );
}

test.each(['stdout', 'stderr'] as const)(
  'a daemon with a closed %s shuts down cleanly: database closed, exit code 0',
  async (stream) => {
    const dataDir = join(folder, stream);
    // The demo prints its status to stdout; the log of the run goes to stderr.
    const args = stream === 'stdout' ? ['demo'] : ['run', '--set', 'mqtt.enabled=false'];
    const mien = new Mien([...args, '--source', 'demo', '--port', '0', '--set', `dataDir=${dataDir}`]);
    await mien.url();
    expect(existsSync(join(dataDir, 'mien.db-wal'))).toBe(true);
    mien.process[stream]!.destroy();
    // The end of the vision process is logged, which writes to the closed stream.
    if (stream === 'stderr') process.kill(await visionOf(mien), 'SIGKILL');
    expect(await mien.exited).toBe(0);
    // Closing the database deletes its write-ahead log.
    expect(existsSync(join(dataDir, 'mien.db'))).toBe(true);
    expect(existsSync(join(dataDir, 'mien.db-wal'))).toBe(false);
  },
  60_000,
);

test('a command without a shutdown ends at once', async () => {
  const mien = new Mien(['analyze', '--help']);
  mien.process.stdout!.destroy();
  expect(await mien.exited).toBe(0);
  expect(mien.stderr).toBe('');
});

const silent = ['run', '--source', 'demo', '--port', '0', '--set', 'mqtt.enabled=false'];

test('a closed terminal shuts the daemon down cleanly: database closed, exit code 0', async () => {
  const dataDir = join(folder, 'hang-up');
  const mien = new Mien([...silent, '--set', `dataDir=${dataDir}`]);
  await mien.url();
  expect(await mien.stop('SIGHUP')).toBe(0);
  expect(mien.stderr).toContain('Stopped');
  expect(existsSync(join(dataDir, 'mien.db-wal'))).toBe(false);
}, 60_000);

test('with too few file descriptors it prints one error line, for any limit', async () => {
  for (const limit of [40, 60, 90, 255]) {
    const mien = new Mien(silent, ['sh', '-c', `ulimit -n ${limit}; exec "$@"`, '-']);
    expect(await mien.exited).toBe(69);
    expect(mien.stderr).toMatch(
      new RegExp(`^mien: This process may open ${limit} files at once.*ulimit -n 1024.*\\n$`),
    );
  }
}, 60_000);
