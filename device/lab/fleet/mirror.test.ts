import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { freePort } from '../fixtures/mosquitto.ts';
import { fileIn, scratchFolder } from '../fixtures/scratch.ts';
import { Mirror } from './mirror.ts';

const folder = scratchFolder();
let mirror: Mirror;
let url: string;

beforeEach(async () => {
  const release = join(folder, 'release');
  mkdirSync(release, { recursive: true });
  fileIn(release, 'mien-1.tar.gz', '0123456789');
  mirror = new Mirror(join(folder, 'mirror'));
  const port = await freePort();
  await mirror.start('127.0.0.1', port);
  await mirror.serve(release);
  url = `http://127.0.0.1:${port}`;
});
afterEach(() => mirror.stop());

test('a download that was cut goes on where it ended', async () => {
  const answer = await fetch(`${url}/mien-1.tar.gz`, { headers: { range: 'bytes=4-' } });
  expect([answer.status, answer.headers.get('content-range'), await answer.text()]).toEqual([
    206,
    'bytes 4-9/10',
    '456789',
  ]);
});

test('what is sent is counted by file', async () => {
  await (await fetch(`${url}/mien-1.tar.gz`)).text();
  await (await fetch(`${url}/mien-1.tar.gz`, { headers: { range: 'bytes=8-' } })).text();
  expect([...mirror.sent, mirror.requests]).toEqual([['mien-1.tar.gz', 12], 2]);
});

test('it serves the files of one release, and nothing above its folder', async () => {
  const statuses = await Promise.all(
    ['/mien-2.tar.gz', '/..%2frelease%2fmien-1.tar.gz', '/'].map(async (path) => (await fetch(url + path)).status),
  );
  expect(statuses).toEqual([404, 404, 404]);
});
