import { chmodSync, existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { until } from '../../lab/fixtures/mien.ts';
import { fileIn, scratchFolder } from '../../lab/fixtures/scratch.ts';
import { startSession } from './session.ts';

const scratch = scratchFolder();

/** Starts a session whose compositor is a script; `$PIDS` is a file for the ids of its processes. */
function session(name: string, script: string) {
  const pids = join(scratch, `${name}.pids`);
  const cage = fileIn(scratch, `${name}.sh`, `#!/bin/sh\nPIDS=${pids}\n${script}\n`);
  chmodSync(cage, 0o755);
  const folder = join(scratch, name);
  const programs = { cage, browser: { name: 'cog' as const, program: 'cog' } };
  return { pids, ...startSession({ programs, url: 'http://localhost/', folder, env: process.env }) };
}

/** The processes that the script named, once it has named `count`. */
async function processes(file: string, count: number): Promise<number[]> {
  return until(() => {
    const ids = existsSync(file) ? readFileSync(file, 'utf8').trim().split('\n').map(Number) : [];
    return ids.length === count ? ids : undefined;
  });
}

/** Whether a process exists and is no zombie that waits for its parent. */
function isRunning(pid: number): boolean {
  const file = `/proc/${pid}/stat`;
  return existsSync(file) && !/\) Z /.test(readFileSync(file, 'utf8'));
}

test('the compositor receives the browser and its arguments; its end has a reason and a last line', async () => {
  const { ended, lastLine, end } = session('fails', 'echo "$*" >&2\nexit 3');
  expect(await ended).toBe('ended with code 3');
  expect(lastLine()).toMatch(/^-- \S*setpriv --pdeathsig KILL -- cog --platform=wl .*http:\/\/localhost\/$/);
  await end();
});

test('a compositor that is missing ends with the reason', async () => {
  const programs = { cage: '/missing/cage', browser: { name: 'cog' as const, program: 'cog' } };
  const started = startSession({ programs, url: '', folder: join(scratch, 'missing'), env: process.env });
  expect(await started.ended).toMatch(/^ended with code 127$/);
  expect(started.lastLine()).toMatch(/\/missing\/cage/);
});

test('processes that ignore SIGTERM, that are stopped, or whose compositor has ended are gone within 2 s', async () => {
  const child = 'sleep 60 & echo $! >> $PIDS';
  const stubborn = session('stubborn', `trap "" TERM\n${child}\necho $$ >> $PIDS\nwhile true; do sleep 1; done`);
  const orphaned = session('orphaned', `(trap "" TERM; sleep 60) & echo $! >> $PIDS\n${child}\nexit 0`);
  const stopped = session('stopped', `${child}\nkill -STOP $!\necho $$ >> $PIDS\nkill -STOP $$`);
  const ids: number[] = [];
  for (const { pids } of [stubborn, orphaned, stopped]) ids.push(...(await processes(pids, 2)));
  await orphaned.ended;
  const from = performance.now();
  await Promise.all([stubborn, orphaned, stopped].map(({ end }) => end()));
  expect(performance.now() - from).toBeLessThan(2000);
  await until(() => !ids.some(isRunning) || undefined);
});

test('a browser that ended without its compositor noticing is an end', async () => {
  // The shell becomes a program that does not wait for its children.
  const { ended, end, pids } = session('unnoticed', 'sleep 0.1 & echo $$ >> $PIDS\nexec sleep 60');
  expect(await ended).toBe('ended');
  await end();
  await until(() => !isRunning(Number(readFileSync(pids, 'utf8'))) || undefined);
});

test('its folder is empty at each start and for this user only', async () => {
  fileIn(scratch, 'left', '');
  const { ended } = session('folder', 'ls -A $HOME | wc -l >&2; stat -c %a $HOME >> $PIDS; touch $HOME/left');
  await ended;
  const again = session('folder', 'ls -A $HOME | wc -l >&2; stat -c %a $HOME >> $PIDS');
  await again.ended;
  expect(again.lastLine()).toBe('0');
  expect(readFileSync(again.pids, 'utf8')).toBe('700\n700\n');
});
