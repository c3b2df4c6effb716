import { writeFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { scratchFolder } from '../lab/fixtures/scratch.ts';
import { describeConfig } from './describe.ts';
import { loadConfig } from './load.ts';
import { configSchema } from './schema.ts';

const file = join(scratchFolder(), 'mien.yaml');

function load(yaml: string) {
  writeFileSync(file, yaml);
  return loadConfig({ file, env: {} });
}

describe('a text keeps the form that it has in the file', () => {
  test.each([
    '007',
    '0123',
    '0o17',
    '0x1F',
    '1e3',
    '1.10',
    '12345678901234567890',
    '1_000',
    '+1',
    '.5',
    '.inf',
    '2026-01-01',
    '2026-01-01T10:00:00Z',
    '12:30:45',
    'yes',
    'No',
    'true',
    'False',
    'null',
    '~',
    '"007"',
    "'no'",
  ])('%s', (written) => {
    const text = written.replaceAll(/^["']|["']$/g, '');
    expect(load(`mqtt:\n  password: ${written}\n`).mqtt.password).toBe(text);
    // In flow style, and followed by a comment.
    expect(load(`mqtt: { username: ${written} } # as given\n`).mqtt.username).toBe(text);
  });

  test('also in names, sources, titles and lists', () => {
    const config = load(
      'device:\n  name: 007\ncamera:\n  source: 0\nkiosk:\n  title: 1e3\nhttp:\n  allowedHosts: [010, 1.10]\n',
    );
    expect(config.device.name).toBe('007');
    expect(config.camera.source).toBe('0');
    expect(config.kiosk.title).toBe('1e3');
    expect(config.http.allowedHosts).toEqual(['010', '1.10']);
    expect(load('http:\n  allowedHosts: 010\n').http.allowedHosts).toEqual(['010']);
  });

  test('also from anchors, block texts and the environment', () => {
    expect(load('device:\n  name: &name 007\nmqtt:\n  username: *name\n  password: |-\n    0123\n').mqtt).toMatchObject(
      {
        username: '007',
        password: '0123',
      },
    );
    expect(
      loadConfig({ file, env: { MIEN_MQTT_PASSWORD: '1e3' }, flags: { set: ['device.name=0x10'] } }),
    ).toMatchObject({
      mqtt: { password: '1e3' },
      device: { name: '0x10' },
    });
  });

  test('numbers and booleans are converted, and an empty scalar is no value', () => {
    const config = load('camera:\n  fps: 1e1\n  loop: false\nmqtt:\n  username:\n  password: ""\n');
    expect(config.camera).toMatchObject({ fps: 10, loop: false });
    expect(config.mqtt.username).toBeUndefined();
    expect(config.mqtt.password).toBe('');
    expect(() => load('device:\n  name:\n')).toThrow('device.name');
    expect(() => load('mqtt:\n  password: [1, 2]\n')).toThrow('mqtt.password');
  });
});

describe('files written by editors of other systems', () => {
  test.each([
    ['CR LF', (text: string) => text.replaceAll('\n', '\r\n')],
    ['CR', (text: string) => text.replaceAll('\n', '\r')],
    ['a byte order mark', (text: string) => `\uFEFF${text}`],
  ])('%s', (_name, written) => {
    expect(load(written(describeConfig('yaml')))).toEqual(configSchema.parse({}));
    expect(load(written('# of the lobby\ndevice:\n  name: lobby # here\nmqtt:\n  password: a b\n'))).toMatchObject({
      device: { name: 'lobby' },
      mqtt: { password: 'a b' },
    });
  });
});

describe('~', () => {
  test('is the home folder in paths from every source', () => {
    const yaml = 'dataDir: ~/data\nmodelsDir: "~"\nhttp:\n  tls: { cert: ~/c.pem, key: ~/k.pem }\n';
    writeFileSync(file, yaml);
    const config = loadConfig({ file, env: { MIEN_CAMERA_SOURCE: '~/clip.mp4' } });
    const home = homedir();
    expect(config).toMatchObject({ dataDir: `${home}/data`, modelsDir: home, camera: { source: `${home}/clip.mp4` } });
    expect(config.http.tls).toEqual({ cert: `${home}/c.pem`, key: `${home}/k.pem` });
    expect(loadConfig({ file, env: {}, flags: { set: ['dataDir=~/x'] } }).dataDir).toBe(`${home}/x`);
  });

  test('of another user is refused with the reason, and in texts it is kept', () => {
    expect(() => load('dataDir: ~kiosk/data\n')).toThrow(
      /dataDir: expected a path or one that begins with ~\/, got "~kiosk\/data"/,
    );
    expect(load('kiosk:\n  title: ~/hello\n').kiosk.title).toBe('~/hello');
  });
});
