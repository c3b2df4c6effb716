import { EventEmitter } from 'node:events';
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { fixture } from '../../lab/fixtures/http-fixture.ts';
import { scratchFolder } from '../../lab/fixtures/scratch.ts';
import { createLog } from '../../ops/log.ts';
import { answerPings } from '../live/live-socket.ts';

/** An app that logs as the daemon does. */
function logged(change: Parameters<typeof fixture>[0] = {}) {
  let text = '';
  const write = (line: string) => {
    text += line;
  };
  const log = createLog({ level: 'info', format: 'json' }, { output: { write } });
  return { ...fixture({ ...change, log }), logText: () => text };
}

describe('files of the pages', () => {
  const dir = scratchFolder();
  mkdirSync(join(dir, 'assets', 'folder.js'), { recursive: true });
  mkdirSync(join(dir, 'assets-file'), { recursive: true });

  test.each([
    ['a name that is too long', `/assets/${'x'.repeat(256)}.js`],
    ['a folder', '/assets/folder.js'],
    ['nothing', '/assets/none.js'],
    ['a long name at the top', `/${'x'.repeat(300)}.js`],
  ])('%s gets 404 and no log line', async (_what, path) => {
    const { app, logText } = logged({ kioskDir: dir });
    const answer = await app.request(path);
    expect(answer.status).toBe(404);
    expect(logText()).toBe('');
  });
});

describe('untrusted input', () => {
  test('is logged up to its first 200 characters', async () => {
    const reads = {
      open: async () => {
        throw Object.assign(new Error(`no such thing: ${'m'.repeat(5000)}`), { path: 'p'.repeat(5000) });
      },
    };
    const { app, logText } = logged({ reads });
    const answer = await app.request(`/api/v1/samples?label=${'l'.repeat(60)}&minutes=5`);
    expect(answer.status).toBe(500);
    expect(logText()).toContain('no such thing');
    const { stack } = (JSON.parse(logText()) as { fault: { stack: string } }).fault;
    expect(stack).toContain('errors.test.ts');
    expect(logText()).not.toMatch(/m{201}|p{201}/);
    expect(logText().length).toBeLessThan(5000);
  });

  test('gets at most 20 errors in the answer', async () => {
    const { app } = fixture();
    const query = Array.from({ length: 2000 }, (_, n) => `k${n}`).join('&');
    const { errors } = (await (await app.request(`/api/v1/state?${query}`)).json()) as { errors: unknown[] };
    expect(errors).toHaveLength(20);
  });

  test('pings are answered only while the client reads the answers', () => {
    const socket = Object.assign(new EventEmitter(), {
      bufferedAmount: 0,
      pong(data: Buffer) {
        this.bufferedAmount += data.length;
      },
    });
    answerPings(socket as never);
    for (let n = 0; n < 10_000; n += 1) socket.emit('ping', Buffer.alloc(125));
    expect(socket.bufferedAmount).toBeLessThan(20_000);
    socket.bufferedAmount = 0;
    socket.emit('ping', Buffer.alloc(125));
    expect(socket.bufferedAmount).toBe(125);
  });
});
