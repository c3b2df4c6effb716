import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeEach, describe, expect, test } from 'vitest';
import { runProgram } from '../core/run-program.ts';
import { scratchFolder } from '../lab/fixtures/scratch.ts';
import { createLog } from '../ops/log.ts';
import { LiveConfig } from './live.ts';
import { livePaths } from './live-settings.ts';
import { changeOverrides, openOverrides, readOverrides } from './overrides.ts';
import { configSchema } from './schema.ts';
import { findSetting, settings } from './settings.ts';

let folder: string;
let file: string;
let lines: string[];
beforeEach(() => {
  folder = scratchFolder();
  file = join(folder, 'overrides.json');
  lines = [];
});

const configured = configSchema.parse({ camera: { fps: 20 } });

/** The configuration of a daemon that starts with this folder. */
function start(config = configured): LiveConfig {
  const log = createLog({ level: 'info', format: 'text' }, { output: { write: (text) => lines.push(text) } });
  return new LiveConfig(config, openOverrides(folder, log));
}

describe('an override', () => {
  test('survives a restart, in a file that only the daemon can read', () => {
    start().change({ camera: { fps: 12 }, kiosk: { title: 'Lobby' } });
    expect(statSync(file).mode & 0o777).toBe(0o600);
    const again = start();
    expect(again.current).toMatchObject({ camera: { fps: 12 }, kiosk: { title: 'Lobby' } });
    expect(again.overrides).toMatchObject({ paths: ['camera.fps', 'kiosk.title'], isKept: true, ignored: [] });
    expect(again.configured('camera.fps')).toBe(20);
    expect(lines.join('')).toContain('camera.fps, kiosk.title');
    expect(readdirSync(folder)).toEqual(['overrides.json']);
  });

  test('survives a change of the configuration, and ends when it is set to the configured value', () => {
    start().change({ camera: { fps: 12 } });
    const changed = start(configSchema.parse({ camera: { fps: 15 } }));
    expect([changed.current.camera.fps, changed.configured('camera.fps')]).toEqual([12, 15]);
    changed.change({ camera: { fps: 15 } });
    expect(changed.overrides.paths).toEqual([]);
    expect(existsSync(file)).toBe(false);
  });

  test('stays when the configuration gets the same value, until it is reset', () => {
    start().change({ camera: { fps: 12 } });
    const same = start(configSchema.parse({ camera: { fps: 12 } }));
    expect(same.overrides.paths).toEqual(['camera.fps']);
    same.reset('camera.fps');
    expect(existsSync(file)).toBe(false);
  });

  test('ends with its reset, or with the reset of all', () => {
    const live = start();
    live.change({ camera: { fps: 12 }, kiosk: { title: 'Lobby' }, log: { level: 'warn' } });
    live.reset('camera.fps');
    expect(start().overrides.paths).toEqual(['kiosk.title', 'log.level']);
    live.reset();
    expect(start().current).toEqual(configured);
  });

  test('that a command has reset is not restored by a running daemon', () => {
    const live = start();
    live.change({ camera: { fps: 12 }, kiosk: { title: 'Lobby' } });
    changeOverrides(folder, new Map([['camera.fps', undefined]]));
    live.change({ detect: { adaptive: false } });
    expect(JSON.parse(readFileSync(file, 'utf8'))).toEqual({ 'kiosk.title': 'Lobby', 'detect.adaptive': false });
  });

  test('is never a secret', () => {
    const secrets = settings.filter(({ secret }) => secret).map(({ path }) => path);
    expect(livePaths.filter((path) => secrets.includes(path))).toEqual([]);
    expect(livePaths.every((path) => findSetting(path))).toBe(true);
  });
});

describe('a fault of the file never stops the start', () => {
  test.each([
    ['cut off', '{"camera.fps": 1'],
    ['empty', ''],
    ['a list', '[12]'],
    ['a text', '"12"'],
    ['far too large', `{"kiosk.title": "${'x'.repeat(200_000)}"}`],
  ])('%s: the file is reported and moved aside, and the next change is written', (_name, content) => {
    writeFileSync(file, content);
    const live = start();
    expect(live.current).toEqual(configured);
    expect(live.overrides.fault).toContain(`It is kept as ${file}.damaged`);
    expect(lines.join('')).toContain('overrides.json cannot be used');
    expect(readFileSync(`${file}.damaged`, 'utf8')).toBe(content);
    live.change({ camera: { fps: 12 } });
    expect(live.overrides).toMatchObject({ isKept: true, fault: undefined });
    expect(start().current.camera.fps).toBe(12);
  });

  test('a folder or a pipe in place of the file', async () => {
    mkdirSync(file);
    expect(start().overrides.fault).toContain('expected a file');
    rmSync(`${file}.damaged`, { recursive: true });
    await runProgram('mkfifo', [file]);
    expect(start().overrides.fault).toContain('expected a file');
  });

  test('unknown entries are reported and stay in the file; the others apply', () => {
    writeFileSync(
      file,
      '{"camera.fps": 500, "camera.zoom": 2, "http.token": "x", "kiosk.title": "Lobby", "__proto__": {"a": 1}}',
    );
    const live = start();
    expect(live.current).toMatchObject({ camera: { fps: 20 }, kiosk: { title: 'Lobby' } });
    expect(live.current.http.token).toBeUndefined();
    expect(live.overrides.ignored).toEqual([
      { path: 'camera.fps', reason: 'expected a number from 0.1 to 120 frames per second, got 500' },
      { path: 'camera.zoom', reason: 'expected a setting that can be changed on /admin' },
      { path: 'http.token', reason: 'expected a setting that can be changed on /admin' },
      { path: '__proto__', reason: 'expected a setting that can be changed on /admin' },
    ]);
    expect(lines.join('')).toContain('The override of camera.fps');
    live.change({ log: { level: 'warn' } });
    expect(readOverrides(folder).ignored).toHaveLength(4);
    live.reset('camera.zoom');
    expect(readOverrides(folder).ignored.map(({ path }) => path)).toEqual(['camera.fps', 'http.token', '__proto__']);
    live.reset();
    expect(existsSync(file)).toBe(false);
  });
});

test('a change that cannot be written takes effect, is reported, and is written with the next change', () => {
  // A folder blocks the name of the temporary file, for root too.
  mkdirSync(`${file}.new`);
  const live = start();
  live.change({ camera: { fps: 12 } });
  expect(live.current.camera.fps).toBe(12);
  expect(live.overrides).toMatchObject({ isKept: false, fault: expect.stringContaining('cannot be written') });
  rmSync(`${file}.new`, { recursive: true });
  live.change({ kiosk: { title: 'Lobby' } });
  expect(live.overrides).toMatchObject({ isKept: true, fault: undefined });
  expect(start().overrides.paths).toEqual(['camera.fps', 'kiosk.title']);
});

test('each number has a unit or is on the list of numbers without one', () => {
  const plain = [
    'detect.minScore',
    'detect.threads',
    'classify.threads',
    'store.outboxLimit',
    'http.port',
    'http.jpegQuality',
    'kiosk.textScale',
    'kiosk.nightBrightness',
  ];
  const isNumber = (type: string) => type === 'number' || type === 'integer';
  const without = settings.filter(({ type, unit }) => isNumber(type) && unit === undefined).map(({ path }) => path);
  expect(without).toEqual(plain);
});
