import { execFileSync } from 'node:child_process';
import { chmodSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { checkAccess } from '../cli/doctor/access.ts';
import { exitCode } from '../core/errors.ts';
import { TestFolder } from '../lab/fixtures/scratch.ts';
import { loadConfigWithSources } from './load.ts';
import { shownTexts } from './mask.ts';

const folder = new TestFolder();
const load = (env: NodeJS.ProcessEnv, set: readonly string[] = []) => loadConfigWithSources({ env, flags: { set } });

function mistake(env: NodeJS.ProcessEnv): string {
  try {
    load(env);
  } catch (error) {
    expect(error).toMatchObject({ code: exitCode.config });
    expect((error as Error).message).not.toContain('\n');
    return (error as Error).message;
  }
  throw new Error('no error was thrown');
}

/** A folder of credentials, as systemd makes it. */
function credentials(files: Readonly<Record<string, string>>): string {
  for (const [name, text] of Object.entries(files)) folder.write(`credentials/${name}`, text);
  return join(folder.path, 'credentials');
}

describe('MIEN_MQTT_PASSWORD_FILE', () => {
  test.each([
    ['no line break', 'hunter2-long', 'hunter2-long'],
    ['a line break at its end', 'hunter2-long\n', 'hunter2-long'],
    ['a line break of Windows', 'hunter2-long\r\n', 'hunter2-long'],
    ['two line breaks: one belongs to the secret', 'hunter2-long\n\n', 'hunter2-long\n'],
    ['blanks and other letters', ' hünter 2 ', ' hünter 2 '],
  ])('a file with %s', (_name, text, password) => {
    const file = folder.write('password', text);
    const { config, sources } = load({ MIEN_MQTT_PASSWORD_FILE: file });
    expect(config.mqtt.password).toBe(password);
    expect(sources.get('mqtt.password')).toBe(`MIEN_MQTT_PASSWORD_FILE=${file}`);
    expect(shownTexts(config)(`got ${password}`)).toBe('got ***');
  });

  test('a link to a file is followed, as container engines make it; an empty variable counts as unset', () => {
    const link = join(folder.path, 'link');
    symlinkSync(folder.write('target', 'by-link'), link);
    expect(load({ MIEN_MQTT_PASSWORD_FILE: link }).config.mqtt.password).toBe('by-link');
    expect(load({ MIEN_MQTT_PASSWORD_FILE: '' }).config.mqtt.password).toBeUndefined();
    expect(load({ MIEN_MQTT_PASSWORD_FILE: link, MIEN_MQTT_PASSWORD: '' }).config.mqtt.password).toBe('by-link');
  });

  test.each([
    ['that is missing', () => join(folder.path, 'none'), /ENOENT: no such file or directory/],
    ['that is empty', () => folder.write('empty', '\n'), /expected a secret, got an empty file/],
    ['that is too large', () => folder.write('large', 'x'.repeat(65_536)), /expected at most 65535 bytes, got 65536/],
    ['that is a folder', () => folder.path, /expected a regular file/],
    ['that is no text', () => binary(), /expected text in UTF-8/],
    ['that is a pipe', () => pipe(), /expected a regular file/],
  ])('a file %s is refused with the remedy', (_name, file, reason) => {
    const at = file();
    const message = mistake({ MIEN_MQTT_PASSWORD_FILE: at });
    expect(message).toContain(`mqtt.password: expected a file with the secret, got ${at} (`);
    expect(message).toMatch(reason);
    expect(message).toMatch(/; correct the file or its permissions \(from MIEN_MQTT_PASSWORD_FILE\)$/);
  });

  test('together with MIEN_MQTT_PASSWORD it is refused, without the value', () => {
    const file = folder.write('password', 'of-the-file');
    expect(mistake({ MIEN_MQTT_PASSWORD_FILE: file, MIEN_MQTT_PASSWORD: 'hunter2' })).toBe(
      'Configuration: mqtt.password: expected MIEN_MQTT_PASSWORD or MIEN_MQTT_PASSWORD_FILE, got both; unset one (from the environment)',
    );
  });

  test('only secrets have a file; a misspelt variable gets a suggestion', () => {
    expect(mistake({ MIEN_CAMERA_FPS_FILE: '/x' })).toContain('MIEN_CAMERA_FPS_FILE: no such setting');
    expect(mistake({ MIEN_MQTT_PASWORD_FILE: '/x' })).toContain('did you mean MIEN_MQTT_PASSWORD_FILE?');
  });

  test('an invalid secret is not shown', () => {
    const message = mistake({ MIEN_HTTP_TOKEN_FILE: folder.write('token', 'hunter2\n') });
    expect(message).toMatch(/http\.token: expected a token of 32 .* got "\*\*\*" \(from MIEN_HTTP_TOKEN_FILE=/);
    expect(message).not.toContain('hunter2');
  });

  test('mien doctor warns of a file that every user can read', async () => {
    const file = folder.write('password', 'of-the-file');
    const key = folder.write('device.key');
    chmodSync(file, 0o644);
    chmodSync(key, 0o644);
    const set = ['mqtt.url=mqtts://broker', `mqtt.tls.cert=${key}`, `mqtt.tls.key=${key}`];
    const warnings = async () =>
      (await checkAccess(load({ MIEN_MQTT_PASSWORD_FILE: file }, set))).filter(({ part }) => part === 'secrets');
    expect(await warnings()).toEqual([
      {
        part: 'secrets',
        state: 'warn',
        detail: `every user of this device can read mqtt.password in ${file}`,
        remedy: `Run: chmod 640 ${file}`,
      },
      expect.objectContaining({ detail: `every user of this device can read mqtt.tls.key in ${key}` }),
    ]);
    chmodSync(file, 0o640);
    chmodSync(key, 0o640);
    expect(await warnings()).toEqual([]);
  });
});

describe('credentials of systemd', () => {
  test('are named after their setting; other files are ignored', () => {
    const at = credentials({ 'mqtt.password': 'of-systemd\n', 'http.port': '1', 'device.key': '' });
    const { config, sources } = load({ CREDENTIALS_DIRECTORY: at });
    expect(config.mqtt.password).toBe('of-systemd');
    expect(sources.get('mqtt.password')).toBe(join(at, 'mqtt.password'));
    expect([...sources.keys()]).toEqual(['mqtt.password']);
  });

  test('replace the file, and are replaced by the environment, which flags replace', () => {
    const file = folder.write('mien.yaml', 'mqtt:\n  password: of-yaml\n');
    const CREDENTIALS_DIRECTORY = credentials({ 'mqtt.password': 'of-systemd' });
    const MIEN_MQTT_PASSWORD_FILE = folder.write('password', 'of-the-file');
    const passwordOf = (env: NodeJS.ProcessEnv, set: string[] = []) =>
      loadConfigWithSources({ file, env, flags: { set } }).config.mqtt.password;
    expect(passwordOf({})).toBe('of-yaml');
    expect(passwordOf({ CREDENTIALS_DIRECTORY })).toBe('of-systemd');
    expect(passwordOf({ CREDENTIALS_DIRECTORY, MIEN_MQTT_PASSWORD: 'of-env' })).toBe('of-env');
    expect(passwordOf({ CREDENTIALS_DIRECTORY, MIEN_MQTT_PASSWORD_FILE })).toBe('of-the-file');
    expect(passwordOf({ CREDENTIALS_DIRECTORY, MIEN_MQTT_PASSWORD_FILE }, ['mqtt.password=of-flag'])).toBe('of-flag');
  });

  test('an empty one is refused, and a folder that is gone has none', () => {
    const at = credentials({ 'mqtt.password': '' });
    expect(mistake({ CREDENTIALS_DIRECTORY: at })).toMatch(
      /mqtt\.password: expected a file with the secret, got .*mqtt\.password \(expected a secret, got an empty file\); .*\(from a systemd credential\)/,
    );
    expect(load({ CREDENTIALS_DIRECTORY: join(folder.path, 'none') }).sources.size).toBe(0);
  });
});

function binary(): string {
  const file = join(folder.path, 'binary');
  writeFileSync(file, Buffer.from([0xff, 0xfe, 0x00]));
  return file;
}

function pipe(): string {
  const file = join(folder.path, 'pipe');
  execFileSync('mkfifo', [file]);
  return file;
}
