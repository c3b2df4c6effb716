import { expect, test } from 'vitest';
import { InstalledHost } from '../lab/fixtures/installed-host.ts';
import { writeSettings } from './host/settings.ts';
import { readStatus } from './status.ts';

const device = new InstalledHost();

test('the status does not show the login of the mirror', async () => {
  const { host } = device;
  writeSettings(host, { from: 'https://fleet:secret@mirror.example.org/mien/', channel: 'stable', hours: [] });
  expect((await readStatus(host, {})).from).toBe('https://***@mirror.example.org/mien/');
});
