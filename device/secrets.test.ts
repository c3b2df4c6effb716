/** Passwords in all usual places of a camera address: no page, log line or answer of the daemon shows them. */
import { join } from 'node:path';
import { describe, test } from 'vitest';
import { Mien, until } from './lab/fixtures/mien.ts';
import { scratchFolder } from './lab/fixtures/scratch.ts';

const scratch = scratchFolder();
const token = 'secrets-'.repeat(5);

describe.concurrent('the passwords do not show', { timeout: 180_000 }, () => {
  test.for([
    ['user', 'rtsp://admin:hun ter2@127.0.0.1:1/live'],
    ['path', 'rtsp://127.0.0.1:1/hun ter2/live'],
    ['single-slash', 'rtsp:/admin:hun ter2@127.0.0.1/live'],
  ])('%s: %s', async ([name, source], { expect, onTestFinished }) => {
    const settings = [
      `camera.source=${source}`,
      'mqtt.url=mqtt://kiosk:hunter2@127.0.0.1:1',
      `dataDir=${join(scratch, name!)}`,
      `http.token=${token}`,
    ];
    const mien = new Mien(['run', ...[...settings, 'http.port=0'].flatMap((setting) => ['--set', setting])]);
    onTestFinished(async () => {
      await mien.stop('SIGKILL');
    });
    const origin = await mien.url();
    const headers = { authorization: `Bearer ${token}` };
    const answer = async (path: string) => (await fetch(`${origin}/api/v1/${path}`, { headers })).text();
    await until(async () => JSON.parse(await answer('state')).state.camera.state === 'lost' || undefined);
    const shown = [mien.stderr, ...(await Promise.all(['state', 'config', 'logs'].map(answer)))];
    expect(await mien.stop()).toBe(0);
    for (const text of shown) expect(text).toContain('127.0.0.1');
    for (const text of [...shown, mien.stderr]) expect(text).not.toMatch(/hun|ter2/);
  });
});
