import { chmodSync, copyFileSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { createServer as createHttpServer } from 'node:http';
import { type AddressInfo, createServer, type Server } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { configSchema } from '../../config/schema.ts';
import { startMosquitto } from '../../lab/fixtures/mosquitto.ts';
import { blazefaceDir } from '../../lab/fixtures/shared.ts';
import { checkBroker } from './broker.ts';
import { checkCamera } from './camera.ts';
import { listCameras, parseModes } from './cameras.ts';
import { examine } from './doctor.ts';
import { checkClock, checkDisk, checkPort, checkTemperature } from './machine.ts';
import { checkClassifier, checkDetector } from './models.ts';
import { checkAddons, checkNode } from './runtime.ts';

let root: string;
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'mien-doctor-'));
});
afterEach(() => rmSync(root, { recursive: true }));

function write(path: string, text = ''): string {
  const file = join(root, path);
  mkdirSync(join(file, '..'), { recursive: true });
  writeFileSync(file, text);
  return file;
}

/** A machine with a USB camera of two nodes and a codec of the board, as the kernel shows them. */
function pluginCameras(): void {
  const nodes = [
    ['video0', 'bcm2835-codec', '0', 'platform/bcm'],
    ['video2', 'HD Webcam', '0', 'pci0/usb1/1-1'],
    ['video3', 'HD Webcam', '1', 'pci0/usb1/1-1'],
  ] as const;
  for (const [node, name, index, device] of nodes) {
    write(`sys/class/video4linux/${node}/name`, `${name}\n`);
    write(`sys/class/video4linux/${node}/index`, `${index}\n`);
    mkdirSync(join(root, 'sys/devices', device), { recursive: true });
    symlinkSync(join(root, 'sys/devices', device), join(root, 'sys/class/video4linux', node, 'device'));
    write(`dev/${node}`);
  }
  mkdirSync(join(root, 'dev/v4l/by-id'), { recursive: true });
  symlinkSync('../../video2', join(root, 'dev/v4l/by-id/usb-HD_Webcam-video-index0'));
}

describe('cameras', () => {
  it('lists what auto chooses from, with the name that stays and whether this user may open it', async () => {
    pluginCameras();
    expect(await listCameras(root)).toMatchObject([
      {
        path: join(root, 'dev/video2'),
        stablePath: join(root, 'dev/v4l/by-id/usb-HD_Webcam-video-index0'),
        name: 'HD Webcam',
        isUsb: true,
        isAccessible: true,
      },
    ]);
  });

  it('reads what v4l2-ctl says of sizes and rates', () => {
    const text = [
      "\t[0]: 'MJPG' (Motion-JPEG, compressed)",
      '\t\tSize: Discrete 640x480',
      '\t\t\tInterval: Discrete 0.033s (30.000 fps)',
      '\t\t\tInterval: Discrete 0.067s (15.000 fps)',
      "\t[1]: 'YUYV' (YUYV 4:2:2)",
      '\t\tSize: Discrete 1280x720',
    ].join('\n');
    expect(parseModes(text)).toEqual([
      { format: 'MJPG', width: 640, height: 480, fps: [30, 15] },
      { format: 'YUYV', width: 1280, height: 720, fps: [] },
    ]);
  });

  it('checks the source that the configuration names', async () => {
    expect(await checkCamera('auto', root)).toMatchObject({ state: 'fail', detail: 'no USB camera found' });
    pluginCameras();
    expect(await checkCamera('auto', root)).toMatchObject({
      state: 'ok',
      detail: expect.stringContaining('HD Webcam'),
    });
    expect(await checkCamera('2', root)).toMatchObject({ state: 'ok' });
    expect(await checkCamera('/dev/video9', root)).toMatchObject({
      state: 'fail',
      remedy: expect.stringContaining('mien devices'),
    });
    expect(await checkCamera(write('clip.mp4', 'x'))).toMatchObject({ state: 'ok' });
    expect(await checkCamera(write('empty.mp4'))).toMatchObject({
      state: 'fail',
      detail: expect.stringContaining('empty'),
    });
    expect(await checkCamera(join(root, 'dev'))).toMatchObject({
      state: 'fail',
      detail: expect.stringContaining('no pictures'),
    });
    // One that OpenCV reads like any other.
    write('pictures/1.pgm');
    expect(await checkCamera(join(root, 'pictures'))).toMatchObject({ state: 'ok' });
    expect(await checkCamera('demo')).toMatchObject({ state: 'ok' });
  });

  it('says that a stream does not answer, without its password', async () => {
    const finding = await checkCamera('rtsp://me:hunter2@127.0.0.1:1/live');
    expect(finding).toMatchObject({ state: 'warn', detail: expect.stringContaining('rtsp://***@127.0.0.1:1/***') });
    expect(JSON.stringify(finding)).not.toContain('hunter2');
  });
});

describe('native addons', () => {
  it('finds them here, with their versions', async () => {
    expect(await checkAddons()).toEqual([
      { part: 'opencv', state: 'ok', detail: expect.stringMatching(/^4\.\d+\.\d+, video through V4L2, FFmpeg/) },
      { part: 'onnxruntime', state: 'ok', detail: expect.stringMatching(/^\d+\.\d+/) },
      { part: 'sqlite', state: 'ok', detail: expect.stringMatching(/^3\.\d+/) },
    ]);
  });

  it('survives one that kills its process, and names the remedy', async () => {
    write('package.json', '{}');
    write('node_modules/better-sqlite3/index.js', "process.kill(process.pid, 'SIGILL')");
    write(
      'node_modules/onnxruntime-node/index.js',
      "throw new Error('libonnxruntime.so: cannot open shared object file')",
    );
    expect(await checkAddons(root)).toMatchObject([
      { part: 'opencv', state: 'fail', detail: expect.stringContaining("Cannot find module '@u4/opencv4nodejs'") },
      { part: 'onnxruntime', state: 'fail', detail: expect.stringContaining('cannot open shared object file') },
      {
        part: 'sqlite',
        state: 'fail',
        detail: expect.stringContaining('instruction that this processor does not have'),
      },
    ]);
  });

  it('knows which Node is new enough', () => {
    expect(checkNode('20.18.1')).toMatchObject({ state: 'fail' });
    expect(checkNode('20.19.0')).toMatchObject({ state: 'ok' });
  });
});

describe('models', () => {
  it('fails on a card that is not there, and on a detector that was asked for', async () => {
    expect(checkClassifier(root, 'simple-cnn')).toMatchObject({
      state: 'fail',
      detail: expect.stringContaining('missing'),
    });
    expect(await checkDetector(root, 'yunet')).toMatchObject({
      state: 'fail',
      remedy: expect.stringContaining('models pull'),
    });
  });

  it('warns where only the Haar cascade is there, and fails on a file that is not the pinned one', async () => {
    expect(await checkDetector(root, 'auto')).toMatchObject({
      state: 'warn',
      remedy: expect.stringContaining('--mirror'),
    });
    expect(await checkDetector(root, 'haar')).toMatchObject({ state: 'ok' });
    expect(await checkDetector(root, 'auto', [root])).toMatchObject({
      state: 'fail',
      detail: 'there is neither YuNet, BlazeFace nor a Haar cascade',
    });
    write('haarcascade_frontalface_alt2.xml');
    expect(await checkDetector(root, 'haar', ['/nowhere', root])).toMatchObject({ state: 'ok' });
    write('face_detection_back_256x256_barracuda.onnx', 'not it');
    expect(await checkDetector(root, 'auto')).toMatchObject({
      state: 'fail',
      detail: expect.stringContaining('pinned'),
      remedy: expect.stringContaining('mien models pull blazeface'),
    });
    write('face_detection_yunet_2023mar.onnx', 'not it');
    expect(await checkDetector(root, 'auto')).toMatchObject({
      state: 'fail',
      detail: expect.stringContaining('pinned'),
    });
  });
});

describe.skipIf(!blazefaceDir)('BlazeFace (skipped where its file is absent)', () => {
  it('does where YuNet is not there, and says so; asked for, it is all right', async () => {
    const file = 'face_detection_back_256x256_barracuda.onnx';
    copyFileSync(join(blazefaceDir!, file), join(root, file));
    expect(await checkDetector(root, 'auto')).toMatchObject({
      state: 'ok',
      detail: 'BlazeFace, because YuNet is not there (mien models pull yunet)',
    });
    expect(await checkDetector(root, 'blazeface')).toMatchObject({ state: 'ok', detail: 'BlazeFace' });
    expect(await checkDetector(root, 'yunet')).toMatchObject({
      state: 'fail',
      detail: expect.stringContaining('YuNet is not there'),
    });
  });
});

describe('the machine', () => {
  it('finds a data folder that can be written, also one that is yet to be made', async () => {
    expect(await checkDisk(join(root, 'a/b'))).toMatchObject({
      part: 'disk',
      detail: expect.stringContaining(`free in ${root}`),
    });
  });

  it('fails where it cannot write', async () => {
    const file = write('file');
    chmodSync(file, 0o400);
    expect(await checkDisk(join(file, 'data'))).toMatchObject({
      state: 'fail',
      detail: expect.stringContaining('cannot write'),
    });
  });

  it('fails on a clock before the installation', async () => {
    expect(await checkClock(0)).toMatchObject({ state: 'fail', detail: expect.stringContaining('1970') });
    expect(await checkClock()).not.toMatchObject({ state: 'fail' });
  });

  it('warns of heat, and says nothing where there is no sensor', async () => {
    expect(await checkTemperature(root)).toEqual([]);
    write('sys/class/thermal/thermal_zone0/temp', '48000\n');
    expect(await checkTemperature(root)).toMatchObject([{ state: 'ok', detail: '48 °C' }]);
    write('sys/class/thermal/thermal_zone1/temp', '85500\n');
    expect(await checkTemperature(root)).toMatchObject([{ state: 'warn', detail: '86 °C' }]);
  });
});

describe('the port', () => {
  const portOf = async (server: Server) => {
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const { port } = server.address() as AddressInfo;
    return configSchema.parse({ http: { port } }).http;
  };

  it('is free, or taken by another program, or by Mien', async () => {
    const other = createHttpServer((_, response) => response.end('hello'));
    const http = await portOf(other);
    expect(await checkPort(http)).toMatchObject({ state: 'fail', detail: expect.stringContaining('another program') });
    other.closeAllConnections();
    await new Promise((resolve) => other.close(resolve));
    expect(await checkPort(http)).toMatchObject({ state: 'ok', detail: expect.stringContaining('free') });

    const mien = createHttpServer((_, response) => response.end('{"status":"degraded","reasons":[],"frames":{}}'));
    expect(await checkPort(await portOf(mien))).toMatchObject({
      state: 'ok',
      detail: expect.stringContaining('Mien runs'),
    });
    mien.closeAllConnections();
    await new Promise((resolve) => mien.close(resolve));
  });
});

describe('the broker', () => {
  it('warns when the usual one is not there, and fails when a named one is not', async () => {
    const { mqtt } = configSchema.parse({ mqtt: { url: 'mqtt://127.0.0.1:1' } });
    expect(await checkBroker(mqtt, false)).toMatchObject({
      state: 'warn',
      detail: expect.stringContaining('ECONNREFUSED'),
    });
    expect(await checkBroker(mqtt, true)).toMatchObject({ state: 'fail', remedy: expect.stringContaining('mqtt.url') });
    expect(await checkBroker({ ...mqtt, enabled: false }, true)).toMatchObject({ state: 'ok' });
  });

  it('fails on wrong credentials, and takes the right ones', async () => {
    const broker = await startMosquitto({ users: { mien: 'right' } });
    const { mqtt } = configSchema.parse({ mqtt: { url: broker.url, username: 'mien', password: 'wrong' } });
    const refused = await checkBroker(mqtt, false);
    expect(refused).toMatchObject({ state: 'fail', remedy: expect.stringContaining('MIEN_MQTT_PASSWORD') });
    expect(JSON.stringify(refused)).not.toContain('wrong');
    expect(await checkBroker({ ...mqtt, password: 'right' }, false)).toMatchObject({ state: 'ok' });
    await broker.stop();
  });

  it("takes the URL's credentials as the daemon does, also with a colon in the password", async () => {
    const broker = await startMosquitto({ users: { mien: 'r:i%ght' } });
    const url = broker.url.replace('://', '://mien:r:i%ght@');
    const { mqtt } = configSchema.parse({ mqtt: { url } });
    const finding = await checkBroker(mqtt, true);
    expect(finding).toMatchObject({ state: 'ok', detail: `${broker.url.replace('://', '://***@')} takes us` });
    await broker.stop();
  });

  it('fails on something that accepts a connection and is no broker', async () => {
    const server = createServer((socket) =>
      socket
        .on('error', () => {})
        .resume()
        .end('HTTP/1.1 400 Bad Request\r\n\r\n'),
    );
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const { port } = server.address() as AddressInfo;
    const { mqtt } = configSchema.parse({ mqtt: { url: `mqtt://127.0.0.1:${port}` } });
    expect(await checkBroker(mqtt, true)).toMatchObject({ state: 'fail' });
    await new Promise((resolve) => server.close(resolve));
  });
});

describe('examine', () => {
  it('names the mistakes of a configuration, and still looks at what needs none', async () => {
    const file = write('mien.yaml', 'camera:\n  width: 1\n');
    const findings = await examine({ file, env: {} });
    expect(findings.find(({ part }) => part === 'config')).toMatchObject({
      state: 'fail',
      detail: expect.stringContaining('camera.width: expected a whole number'),
    });
    expect(findings.map(({ part }) => part)).toEqual(expect.arrayContaining(['node', 'opencv', 'clock']));
    expect(findings.map(({ part }) => part)).not.toContain('camera');
  });

  it('gives a remedy with everything that is not ok', async () => {
    const file = write(
      'mien.yaml',
      `dataDir: ${root}\ncamera:\n  source: /dev/none\nmqtt:\n  url: mqtt://127.0.0.1:1\n`,
    );
    const findings = await examine({ file, env: {} });
    expect(findings.filter(({ part }) => part === 'camera' || part === 'broker').map(({ state }) => state)).toEqual([
      'fail',
      'fail',
    ]);
    expect(findings.filter(({ state, remedy }) => state !== 'ok' && !remedy)).toEqual([]);
  });
});
