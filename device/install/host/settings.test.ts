import { mkdirSync, statSync, writeFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { InstalledHost } from '../../lab/fixtures/installed-host.ts';
import { openingHoursAt, readSettings, writeSettings } from './settings.ts';

const device = new InstalledHost();
/** 2026-12-01 is a Tuesday. */
const at = (day: number, clock: string) => new Date(`2026-12-0${day}T${clock}:00`);

test.each([
  ['09:00-18:00', at(1, '09:00'), true],
  ['09:00-18:00', at(1, '18:00'), false],
  ['mon-fri 09:00-18:00', at(4, '12:00'), true],
  ['mon-fri 09:00-18:00', at(5, '12:00'), false],
  ['sat 20:00-02:00', at(5, '23:00'), true],
  ['sat 20:00-02:00', at(6, '01:59'), true],
  ['sat 20:00-02:00', at(6, '21:00'), false],
  ['Fri-Mon 10:00-12:00', at(6, '11:00'), true],
  ['fri-mon 10:00-12:00', at(2, '11:00'), false],
])('%s at %s: %s', (hours, now, isOpen) => {
  expect(openingHoursAt([hours], now)).toBe(isOpen ? hours : undefined);
});

test('the settings are read as they were written, and defaults without a file', () => {
  const { host } = device;
  expect(readSettings(host)).toEqual({ channel: 'stable', hours: [] });
  const settings = { from: 'https://mirror.example.org/', channel: 'beta', hours: ['mon-fri 09:00-18:00'] };
  expect(writeSettings(host, settings)).toBe(true);
  expect(readSettings(host)).toEqual(settings);
  expect(writeSettings(host, settings)).toBe(false);
  expect(statSync(host.at.settings).mode & 0o777).toBe(0o600);
});

test.each([
  ['hours: ["9-18"]', 'hours.0: expected hours such as "mon-fri 09:00-18:00"'],
  ['form: x', 'Unrecognized key: "form"'],
  ['from: [', 'is no YAML'],
])('%s is refused with the reason', (text, reason) => {
  mkdirSync(device.host.at.etc, { recursive: true });
  writeFileSync(device.host.at.settings, text);
  expect(() => readSettings(device.host)).toThrow(reason);
});
