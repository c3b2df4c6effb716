/** The daemon with a camera's password where cameras and people put it: nothing that it shows, logs or answers holds it. */
import { expect, test } from 'vitest';
import { Mien, until } from './lab/fixtures/mien.ts';
import { scratchFolder } from './lab/fixtures/scratch.ts';

const folder = scratchFolder();
const token = 'secrets-'.repeat(5);

test.each([
  'rtsp://admin:hun ter2@127.0.0.1:1/live',
  'rtsp://127.0.0.1:1/hun ter2/live',
  'rtsp:/admin:hun ter2@127.0.0.1/live',
])(
  '%s',
  async (source) => {
    const settings = [
      `camera.source=${source}`,
      'mqtt.url=mqtt://kiosk:hunter2@127.0.0.1:1',
      `dataDir=${folder}`,
      `http.token=${token}`,
    ];
    const mien = new Mien(['run', ...[...settings, 'http.port=0'].flatMap((setting) => ['--set', setting])]);
    const origin = await mien.url();
    const headers = { authorization: `Bearer ${token}` };
    const answer = async (path: string) => (await fetch(`${origin}/api/v1/${path}`, { headers })).text();
    await until(async () => JSON.parse(await answer('state')).state.camera.state === 'lost' || undefined);
    const shown = [mien.stderr, ...(await Promise.all(['state', 'config', 'logs'].map(answer)))];
    expect(await mien.stop()).toBe(0);
    for (const text of shown) expect(text).toContain('127.0.0.1');
    for (const text of [...shown, mien.stderr]) expect(text).not.toMatch(/hun|ter2/);
  },
  180_000,
);
