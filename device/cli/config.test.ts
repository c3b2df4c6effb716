import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Command } from 'commander';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { exitCode } from '../core/errors.ts';
import { configCommand } from './config.ts';
import { describeCameras } from './devices.ts';
import { describeFindings } from './doctor.ts';
import { modelsCommand } from './models.ts';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'mien-cli-'));
});
afterEach(() => {
  vi.restoreAllMocks();
  rmSync(folder, { recursive: true });
});

/** The standard output of the command. */
async function outputOf(command: Command, ...args: string[]): Promise<string> {
  let text = '';
  vi.spyOn(process.stdout, 'write').mockImplementation((chunk) => {
    text += String(chunk);
    return true;
  });
  await command.parseAsync(args, { from: 'user' });
  return text;
}

describe('mien config', () => {
  it('writes a file that check accepts, and never overwrites a file', async () => {
    const file = join(folder, 'mien.yaml');
    await outputOf(configCommand(), 'init', file);
    expect(await outputOf(configCommand(), 'check', file)).toBe(`${file}: no mistakes\n`);
    const before = readFileSync(file, 'utf8');
    await expect(outputOf(configCommand(), 'init', file)).rejects.toMatchObject({ code: exitCode.cannotWrite });
    expect(readFileSync(file, 'utf8')).toBe(before);
  });

  it('refuses a file with mistakes', async () => {
    const file = join(folder, 'mien.yaml');
    writeFileSync(file, 'http:\n  prot: 80\n');
    await expect(outputOf(configCommand(), 'check', file)).rejects.toMatchObject({
      code: exitCode.config,
      message: expect.stringContaining('did you mean http.port?'),
    });
  });

  it('shows each value with its source, and no secret', async () => {
    const file = join(folder, 'mien.yaml');
    writeFileSync(file, 'mqtt:\n  password: hunter2\n  url: mqtt://me:hunter2@broker\n');
    const text = await outputOf(configCommand(), 'show', '--config', file, '--set', 'http.port=9000');
    expect(text).toMatch(new RegExp(`^mqtt\\.password +"\\*\\*\\*" +${file}$`, 'm'));
    expect(text).toMatch(/^http\.port +9000 +--set$/m);
    expect(text).toMatch(/^camera\.width +640 +default$/m);
    expect(text).not.toContain('hunter2');
    expect(await outputOf(configCommand(), 'show', '--config', file, '--json')).not.toContain('hunter2');
  });
});

describe('a secret in a file of its own', () => {
  afterEach(() => vi.unstubAllEnvs());

  it('is shown with its source and without its value', async () => {
    const secret = join(folder, 'password');
    writeFileSync(secret, 'hunter2\n');
    vi.stubEnv('MIEN_MQTT_PASSWORD_FILE', secret);
    const text = await outputOf(configCommand(), 'show');
    expect(text).toMatch(new RegExp(`^mqtt\\.password +"\\*\\*\\*" +MIEN_MQTT_PASSWORD_FILE=${secret}$`, 'm'));
    expect(text).not.toContain('hunter2');
    expect(await outputOf(configCommand(), 'reference')).toContain('`MIEN_HTTP_TOKEN` or `MIEN_HTTP_TOKEN_FILE`');
  });
});

describe('settings from /admin', () => {
  const overrides = () => join(folder, 'overrides.json');
  const data = () => ['--set', `dataDir=${folder}`];
  const set = (values: object) => writeFileSync(overrides(), JSON.stringify(values));

  it('are shown with the configured value, and how to remove them', async () => {
    const file = join(folder, 'mien.yaml');
    writeFileSync(file, 'camera:\n  fps: 20\n');
    set({ 'camera.fps': 12, 'camera.width': 9 });
    const text = await outputOf(configCommand(), 'show', '--config', file, ...data());
    expect(text).toMatch(new RegExp(`^camera\\.fps +12 +${overrides()} \\(configured: 20, ${file}\\)$`, 'm'));
    expect(text).toMatch(/^camera\.width +640 +default$/m);
    expect(text).toMatch(/config reset \[SETTING\]/);
    const rows = JSON.parse(await outputOf(configCommand(), 'show', '--json', '--config', file, ...data()));
    expect(rows.find((row: { path: string }) => row.path === 'camera.fps')).toEqual({
      ...{ path: 'camera.fps', value: 12, source: overrides() },
      configured: { value: 20, source: file },
    });
    const checked = await outputOf(configCommand(), 'check', file, ...data());
    expect(checked).toContain(`${file}: no mistakes\n`);
    expect(checked).toMatch(/Set on \/admin, overriding the configuration: camera\.fps\./);
    expect(checked).toContain('camera.width: expected a whole number from 160 to 3840 pixels, got 9');
  });

  it('are reset one by one, or all at once', async () => {
    set({ 'camera.fps': 12, 'kiosk.title': 'Lobby', 'camera.zoom': 3 });
    expect(await outputOf(configCommand(), 'reset', 'camera.zoom', ...data())).toContain('Reset: camera.zoom.');
    await outputOf(configCommand(), 'reset', 'camera.fps', ...data());
    expect(JSON.parse(readFileSync(overrides(), 'utf8'))).toEqual({ 'kiosk.title': 'Lobby' });
    await expect(outputOf(configCommand(), 'reset', 'camera.fps', ...data())).rejects.toMatchObject({
      code: exitCode.usage,
      message: 'camera.fps: expected a setting that was set on /admin (kiosk.title)',
    });
    await outputOf(configCommand(), 'reset', ...data());
    expect(existsSync(overrides())).toBe(false);
    expect(await outputOf(configCommand(), 'reset', ...data())).toBe('Nothing was set on /admin\n');
  });
});

describe('mien models', () => {
  it('pulls only known models from a mirror', async () => {
    await expect(outputOf(modelsCommand(), 'pull', 'yunte')).rejects.toMatchObject({
      code: exitCode.usage,
      remedy: 'Did you mean yunet?',
    });
    await expect(
      outputOf(modelsCommand(), 'pull', 'yunet', '--mirror', folder, '--set', `modelsDir=${folder}`),
    ).rejects.toMatchObject({ code: exitCode.unavailable });
  });

  it('fails on a file that is not the pinned one, and on a missing classifier', async () => {
    writeFileSync(join(folder, 'face_detection_yunet_2023mar.onnx'), 'not it');
    await expect(outputOf(modelsCommand(), 'check', '--set', `modelsDir=${folder}`)).rejects.toMatchObject({
      code: exitCode.badData,
      message: 'These files do not match their card or sha256: residual-cnn, yunet',
    });
  });
});

describe('output for people', () => {
  it('says what to do without a camera, and which path to use for one', () => {
    expect(describeCameras([])).toContain('Plug in a USB camera');
    const text = describeCameras([
      {
        path: '/dev/video2',
        stablePath: '/dev/v4l/by-id/usb-HD',
        name: 'HD Webcam',
        isUsb: true,
        isAccessible: false,
        modes: [{ format: 'MJPG', width: 640, height: 480, fps: [30, 15] }],
      },
    ]);
    expect(text).toContain('camera.source: /dev/v4l/by-id/usb-HD  (now /dev/video2)');
    expect(text).toContain('usermod -aG video');
    expect(text).toContain('MJPG: 640x480 @ 30');
  });

  it('lists pixel formats with equal sizes and rates in one line', () => {
    const size = (format: string, width: number, fps: number) => ({ format, width, height: 480, fps: [fps] });
    const modes = [
      ...['YUYV', 'MJPG', 'UYVY', 'NV12'].flatMap((format) => [
        size(format, 640, 30),
        ...(format === 'MJPG' ? [size(format, 1280, 30)] : [size(format, 320, 60)]),
      ]),
      size('GREY', 640, 15),
    ];
    const text = describeCameras([{ path: '/dev/video0', name: 'vivid', isUsb: false, isAccessible: true, modes }]);
    expect(text.trimEnd().split('\n').slice(2)).toEqual([
      '  YUYV, UYVY, NV12: 640x480 @ 30, 320x480 @ 60',
      '  MJPG: 640x480 @ 30, 1280x480 @ 30',
      '  GREY: 640x480 @ 15',
    ]);
  });

  it('prints the remedy below its finding, and the counts last', () => {
    const text = describeFindings([
      { part: 'node', state: 'ok', detail: '20.20.2 on x64' },
      { part: 'disk', state: 'warn', detail: '300 MB free', remedy: 'Free some space' },
    ]);
    expect(text.split('\n')).toEqual([
      'ok    node         20.20.2 on x64',
      'warn  disk         300 MB free',
      '                   -> Free some space',
      '',
      '1 ok, 1 to improve, 0 failed',
      '',
    ]);
  });
});
