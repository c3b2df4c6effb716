import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { load } from 'js-yaml';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { exitCode, MienError } from '../core/errors.ts';
import { describeConfig } from './describe.ts';
import { type ConfigInputs, loadConfig, loadConfigWithSources } from './load.ts';
import { maskValue } from './mask.ts';
import { findConfigFile } from './read-file.ts';
import { configSchema } from './schema.ts';
import { settings } from './settings.ts';

let folder: string;
let file: string;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'mien-config-'));
  file = join(folder, 'mien.yaml');
});
afterEach(() => rmSync(folder, { recursive: true }));

function fault(inputs: Partial<ConfigInputs>): MienError {
  try {
    loadConfig({ env: {}, ...inputs });
  } catch (error) {
    if (error instanceof MienError) return error;
    throw error;
  }
  throw new Error('no error was thrown');
}

describe('loadConfig', () => {
  it('returns the defaults of the schema for an empty file', () => {
    writeFileSync(file, '');
    expect(loadConfig({ file, env: {} })).toEqual(configSchema.parse({}));
  });

  it('prefers flags to the environment, and the environment to the file', () => {
    writeFileSync(file, 'camera:\n  width: 320\n  height: 240\n  fps: 10\n');
    const { config, sources } = loadConfigWithSources({
      file,
      env: { MIEN_CAMERA_HEIGHT: '480', MIEN_CAMERA_FPS: '15', PATH: '/bin' },
      flags: { set: ['camera.fps=20', 'mqtt.enabled=off'], values: { http: { port: 9000, host: undefined } } },
    });
    expect(config.camera).toMatchObject({ width: 320, height: 480, fps: 20 });
    expect(config.mqtt.enabled).toBe(false);
    expect(config.http).toMatchObject({ port: 9000, host: '127.0.0.1' });
    expect(Object.fromEntries(sources)).toEqual({
      'camera.width': file,
      'camera.height': 'MIEN_CAMERA_HEIGHT',
      'camera.fps': '--set',
      'mqtt.enabled': '--set',
      'http.port': 'a flag',
    });
  });

  it('reads profiles of live settings from the file and, as JSON, from the environment', () => {
    writeFileSync(file, 'profiles:\n  evening:\n    camera.fps: 10\n    kiosk.theme: dark\n');
    const evening = { evening: { 'camera.fps': 10, 'kiosk.theme': 'dark' } };
    expect(loadConfig({ file, env: {} }).profiles).toEqual(evening);
    expect(loadConfig({ env: { MIEN_PROFILES: JSON.stringify(evening) } }).profiles).toEqual(evening);
  });

  it.each([
    ['{"Eve":{}}', 'profiles: expected a name of lowercase letters, digits and -, other than none, got "Eve"'],
    ['{"none":{}}', 'profiles: expected a name of lowercase letters, digits and -, other than none, got "none"'],
    [
      '{"eve":{"camera.fps":500}}',
      'profiles.eve.camera.fps: expected a number from 0.1 to 120 frames per second, got 500',
    ],
    [
      '{"eve":{"camera.source":"demo"}}',
      'profiles.eve.camera.source: expected a setting that takes effect at once, such as camera.fps',
    ],
    ['{"eve":5}', 'profiles.eve: expected settings by path, such as {"camera.fps": 10}'],
    ['evening', 'profiles: expected an object, got "evening" (from MIEN_PROFILES)'],
  ])('refuses the profiles %s', (text, message) => {
    expect(fault({ env: { MIEN_PROFILES: text } }).message).toBe(`Configuration: ${message}`);
  });

  it('lists all mistakes at once, with path, expected value, given value and source', () => {
    writeFileSync(file, 'camera:\n  width: 20\n  widht: 640\nhttp:\n  port: eighty\n');
    const error = fault({ file, env: { MIEN_MQTT_URL: 'http://broker', MIEN_STORE_RETENTION_DAYS: 'many' } });
    expect(error.code).toBe(exitCode.config);
    expect(error.message.split('\n').map((line) => line.trim())).toEqual([
      'Configuration has 5 mistakes:',
      `camera.widht: no such setting, did you mean camera.width? (from ${file})`,
      `camera.width: expected a whole number from 160 to 3840 pixels, got 20 (from ${file})`,
      'store.retentionDays: expected a whole number from 1 to 3650 days, got "many" (from MIEN_STORE_RETENTION_DAYS)',
      'mqtt.url: expected a URL that starts with mqtt://, mqtts://, ws:// or wss://, got "http://broker" (from MIEN_MQTT_URL)',
      `http.port: expected a whole number from 0 to 65535, got "eighty" (from ${file})`,
    ]);
  });

  it('refuses TLS settings for a broker without TLS, and a certificate without its key', () => {
    const of = (...set: string[]) => fault({ flags: { set } }).message;
    expect(of('mqtt.tls.ca=/ca.pem')).toBe(
      'Configuration: mqtt.url: expected mqtts:// or wss://, because mqtt.tls.ca is set, got "mqtt://127.0.0.1:1883" (from the default)',
    );
    expect(of('mqtt.url=ws://broker', 'mqtt.tls.serverName=broker')).toContain(
      'mqtt.url: expected mqtts:// or wss://, because mqtt.tls.serverName is set, got "ws://broker" (from --set)',
    );
    expect(of('mqtt.url=mqtts://broker', 'mqtt.tls.cert=/c.pem')).toContain(
      'mqtt.tls.key: expected the key of mqtt.tls.cert, got nothing',
    );
    expect(of('mqtt.url=wss://broker', 'mqtt.tls.key=/k.pem')).toContain(
      'mqtt.tls.cert: expected the certificate of mqtt.tls.key, got nothing',
    );
    expect(of('mqtt.url=mqtts://broker', 'mqtt.tls.serverName=https://x')).toContain('expected a host name, such as');
    expect(of('mqtt.tls.rejectUnauthorized=false')).toContain('no such setting');
  });

  it('refuses unknown variables and flags, and suggests the similar one', () => {
    expect(fault({ env: { MIEN_CAMERA_WIDHT: '640' } }).message).toBe(
      'Configuration: MIEN_CAMERA_WIDHT: no such setting, did you mean MIEN_CAMERA_WIDTH? (from the environment)',
    );
    expect(fault({ flags: { set: ['camera.port=1'] } }).message).toContain('did you mean http.port? (from --set)');
    expect(fault({ flags: { set: ['http.port'] } }).message).toContain('expected --set http.port=VALUE');
  });

  it('only warns of an unknown variable where systemd has started the program', () => {
    const env = { INVOCATION_ID: '0123456789abcdef', MIEN_CAMERA_WIDHT: '640', MIEN_CAMERA_FPS: '15' };
    const { config, warnings } = loadConfigWithSources({ env });
    expect(config.camera.fps).toBe(15);
    expect(warnings).toEqual([
      'MIEN_CAMERA_WIDHT: no such setting, did you mean MIEN_CAMERA_WIDTH? (from the environment)',
    ]);
    expect(fault({ env: { ...env, MIEN_CAMERA_FPS: 'many' } }).message).toContain('camera.fps: expected');
    expect(loadConfigWithSources({ env: {} }).warnings).toEqual([]);
  });

  it('accepts the variables that are no settings, and ignores an empty variable', () => {
    const env = { MIEN_MODELS_MIRROR: '/mirror', MIEN_HTTP_PORT: '' };
    expect(loadConfig({ env })).toEqual(configSchema.parse({}));
  });

  it('refuses a value in place of a section, and accepts an empty section', () => {
    writeFileSync(file, 'camera: 0\nhttp:\nmqtt:\n  username:\n');
    const error = fault({ file });
    expect(error.message).toBe(`Configuration: camera: expected settings below it, got 0 (from ${file})`);
  });

  it('accepts a number as the camera source', () => {
    writeFileSync(file, 'camera:\n  source: 0\n');
    expect(loadConfig({ file, env: {} }).camera.source).toBe('0');
  });

  it('never prints a secret', () => {
    writeFileSync(file, 'mqtt:\n  password: [hunter2]\n  url: ftp://me:hunter2@broker\n');
    const error = fault({ file });
    expect(error.message).toContain('mqtt.password: expected text, got "***"');
    expect(error.message).toContain('ftp://***@broker');
    expect(error.message).not.toContain('hunter2');
  });

  it('reports the line of a YAML mistake without its text', () => {
    writeFileSync(file, 'mqtt:\n  password: "hunter2\ncamera: {\n');
    const error = fault({ file });
    expect(error.code).toBe(exitCode.config);
    expect(error.message).toMatch(/mien\.yaml: line \d+, column \d+: not YAML: /);
    expect(error.message).not.toContain('hunter2');
  });

  it.each(['- 1\n', 'text\n'])('refuses a file that is not a mapping: %j', (text) => {
    writeFileSync(file, text);
    expect(fault({ file }).message).toContain('expected settings such as "camera:"');
  });

  it('refuses a given path that does not exist or is a folder', () => {
    expect(fault({ file: join(folder, 'none.yaml') })).toMatchObject({ code: exitCode.noInput });
    expect(fault({ env: { MIEN_CONFIG: join(folder, 'none.yaml') } }).message).toContain('does not exist');
    expect(fault({ file: folder }).message).toContain('cannot be read');
  });
});

describe('findConfigFile', () => {
  it('does not take the defaults where this user may not enter the folder of the file', () => {
    const closed = join(folder, 'closed');
    mkdirSync(closed);
    writeFileSync(join(closed, 'mien.yaml'), '');
    chmodSync(closed, 0o000);
    const isRoot = process.geteuid?.() === 0;
    if (isRoot) process.seteuid!(65_534);
    try {
      expect(() => findConfigFile(undefined, {}, [join(closed, 'mien.yaml')])).toThrow(/cannot be read by this user/);
    } finally {
      if (isRoot) process.seteuid!(0);
    }
  });

  it('prefers the given path, then MIEN_CONFIG, then the first file in the usual places', () => {
    writeFileSync(file, '');
    const usual = [join(folder, 'none.yaml'), file];
    expect(findConfigFile(folder, { MIEN_CONFIG: file }, usual)).toBe(folder);
    expect(findConfigFile(undefined, { MIEN_CONFIG: folder }, usual)).toBe(folder);
    expect(findConfigFile(undefined, {}, usual)).toBe(file);
    expect(findConfigFile(undefined, {}, [])).toBeUndefined();
  });
});

describe('describeConfig', () => {
  it('lists every setting with its variable', () => {
    const reference = describeConfig('markdown');
    for (const { path, variable } of settings) {
      expect(reference).toContain(`| \`${path}\` |`);
      expect(reference).toContain(`\`${variable}\``);
    }
    expect(settings.find(({ path }) => path === 'camera.stallMs')).toMatchObject({
      variable: 'MIEN_CAMERA_STALL_MS',
      expected: 'a whole number from 500 to 60000 ms',
      default: 5000,
    });
  });

  it('writes a file of comments; uncommented, it holds the defaults', () => {
    const text = describeConfig('yaml');
    writeFileSync(file, text);
    expect(loadConfig({ file, env: {} })).toEqual(configSchema.parse({}));
    const uncommented = text.replaceAll(/^# /gm, '').split('\n').slice(2).join('\n');
    expect(load(uncommented)).toHaveProperty('camera.width', 640);
    writeFileSync(file, uncommented);
    expect(loadConfig({ file, env: {} })).toEqual(configSchema.parse({ device: { name: 'my-kiosk' } }));
  });
});

describe('masking', () => {
  it('hides secrets and passwords in URLs, and nothing else', () => {
    expect(maskValue('mqtt.password', 'x')).toBe('***');
    expect(maskValue('mqtt.password', undefined)).toBeUndefined();
    expect(maskValue('camera.source', 'rtsp://u:p%40ss@cam/1')).toBe('rtsp://***@cam/***');
    expect(maskValue('camera.source', 'http://cam/v?user=a&pwd=b')).toBe('http://cam/***');
  });
});
