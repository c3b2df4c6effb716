import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { silentLog } from '../lab/fixtures/http-fixture.ts';
import { scratchFolder } from '../lab/fixtures/scratch.ts';
import { LiveConfig } from './live.ts';
import { openOverrides } from './overrides.ts';
import { configSchema } from './schema.ts';

const configured = configSchema.parse({
  camera: { fps: 20 },
  profiles: {
    evening: { 'camera.fps': 10, 'kiosk.theme': 'contrast' },
    event: { 'camera.fps': 20, 'kiosk.title': 'Party' },
  },
});

const valuesOf = ({ current: { camera, kiosk } }: LiveConfig) => [camera.fps, kiosk.theme, kiosk.title];

test('a profile overrides its settings; another one and none drop them', () => {
  const live = new LiveConfig(configured);
  expect([live.profile, live.profiles]).toEqual([undefined, ['evening', 'event']]);
  live.applyProfile('evening');
  expect([live.profile, ...valuesOf(live)]).toEqual(['evening', 10, 'contrast', 'Mien']);
  live.applyProfile('event');
  expect([live.profile, ...valuesOf(live)]).toEqual(['event', 20, 'dark', 'Party']);
  expect(live.overrides.paths).toEqual(['kiosk.title']);
  live.applyProfile(undefined);
  expect([live.profile, ...valuesOf(live)]).toEqual([undefined, 20, 'dark', 'Mien']);
  expect(live.overrides.paths).toEqual([]);
});

test('a setting that an operator changes while a profile is active stays after the profile is dropped', () => {
  const live = new LiveConfig(configured);
  live.applyProfile('evening');
  live.change({ camera: { fps: 15 } });
  expect(live.profile).toBe('evening');
  live.applyProfile(undefined);
  expect(valuesOf(live)).toEqual([15, 'dark', 'Mien']);
});

test('the reset of all settings drops the profile, too', () => {
  const live = new LiveConfig(configured);
  live.applyProfile('evening');
  live.reset('camera.fps');
  expect(live.profile).toBe('evening');
  live.reset();
  expect([live.profile, ...valuesOf(live)]).toEqual([undefined, 20, 'dark', 'Mien']);
});

test('listeners are called for a profile that changes no value', () => {
  const live = new LiveConfig(configSchema.parse({ profiles: { same: { 'camera.fps': 30 } } }));
  const heard: (string | undefined)[] = [];
  live.subscribe(() => heard.push(live.profile));
  live.applyProfile('same');
  live.applyProfile(undefined);
  expect(heard).toEqual(['same', undefined]);
});

test('an unknown profile changes nothing, and the error names the profiles', () => {
  const live = new LiveConfig(configured);
  live.applyProfile('evening');
  for (const name of ['night', '__proto__', 'toString']) {
    expect(() => live.applyProfile(name)).toThrow(`Expected one of the profiles evening, event, none, got "${name}"`);
  }
  expect([live.profile, ...valuesOf(live)]).toEqual(['evening', 10, 'contrast', 'Mien']);
});

test('the profile survives a restart; one that is configured no longer is not active, but its values stay until their reset', () => {
  const folder = scratchFolder();
  const start = (config = configured) => new LiveConfig(config, openOverrides(folder, silentLog));
  start().applyProfile('evening');
  expect(JSON.parse(readFileSync(join(folder, 'overrides.json'), 'utf8'))).toEqual({
    profile: 'evening',
    'camera.fps': 10,
    'kiosk.theme': 'contrast',
  });
  const again = start();
  expect([again.profile, ...valuesOf(again)]).toEqual(['evening', 10, 'contrast', 'Mien']);
  expect(again.overrides.ignored).toEqual([]);
  const without = start(configSchema.parse({ camera: { fps: 20 } }));
  expect([without.profile, ...valuesOf(without)]).toEqual([undefined, 10, 'contrast', 'Mien']);
  without.reset();
  expect(valuesOf(start())).toEqual([20, 'dark', 'Mien']);
});
