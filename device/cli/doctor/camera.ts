import { existsSync, readdirSync, statSync } from 'node:fs';
import { access, constants } from 'node:fs/promises';
import { connect } from 'node:net';
import { userInfo } from 'node:os';
import { join, resolve } from 'node:path';
import { listCaptureDevices } from '../../camera/devices.ts';
import { addressPattern, demoClip, imageFilePattern, isStreamAddress } from '../../camera/source-spec.ts';
import { maskAddress } from '../../core/mask.ts';
import { runProgram } from '../../core/run-program.ts';
import { isAccessible } from './cameras.ts';
import { type Finding, fail, ok, warn } from './finding.ts';

const part = 'camera';
const listThem = 'List what is there with: mien devices';

/** Whether the source that the configuration names is there and may be used; see `camera.source` for its forms. */
export async function checkCamera(source: string, root = '/'): Promise<Finding> {
  if (source === 'auto') return checkFirstCamera(root);
  if (source === 'demo') return checkFile(demoClip, 'the built-in clip');
  if (source.startsWith('still:')) return checkStills(source.slice('still:'.length), root);
  if (addressPattern.test(source)) return checkUrl(source);
  if (/^\d+$/.test(source)) return checkDevice(join(root, `dev/video${source}`));
  if (source.startsWith('/dev/')) return checkDevice(join(root, source));
  return checkFile(resolve(source), source);
}

async function checkFirstCamera(root: string): Promise<Finding> {
  const [camera] = listCaptureDevices(root);
  if (!camera) {
    return fail(part, 'no USB camera found', 'Plug one in, or set camera.source to a file, a URL or demo');
  }
  const found = await checkDevice(camera.path);
  return { ...found, detail: `${found.detail} (${camera.name})` };
}

async function checkDevice(path: string): Promise<Finding> {
  if (!existsSync(path)) return fail(part, `${path} is not there`, `Plug the camera in. ${listThem}`);
  if (await isAccessible(path)) return ok(part, `${path} is there and may be opened`);
  const user = userInfo().username;
  return fail(
    part,
    `${path} may not be opened by user ${user}`,
    `Run: sudo usermod -aG video ${user}, and log in again`,
  );
}

async function checkStills(device: string, root: string): Promise<Finding> {
  const { code } = await runProgram('fswebcam', ['--version'], 5000);
  if (code === undefined) return fail(part, 'fswebcam is not installed', 'Run: sudo apt-get install fswebcam');
  if (device.startsWith('/dev/')) return checkDevice(join(root, device));
  return ok(part, `stills by fswebcam from ${device}`);
}

async function checkFile(path: string, shown: string): Promise<Finding> {
  if (!existsSync(path)) return fail(part, `${shown} is not there`, `Check camera.source. ${listThem}`);
  const isReadable = await access(path, constants.R_OK).then(
    () => true,
    () => false,
  );
  if (!isReadable) return fail(part, `${shown} may not be read`, `Run: sudo chmod a+r ${path}`);
  const found = statSync(path);
  if (!found.isDirectory()) {
    return found.size > 0 ? ok(part, `recording ${shown}`) : fail(part, `${shown} is empty`, 'Name another recording');
  }
  const pictures = readdirSync(path).filter((name) => imageFilePattern.test(name)).length;
  return pictures > 0
    ? ok(part, `${pictures} pictures in ${shown}`)
    : fail(part, `no pictures in ${shown}`, 'Name a folder with .jpg or .png files');
}

const defaultPorts: Readonly<Record<string, number>> = { 'rtsp:': 554, 'rtsps:': 322, 'http:': 80, 'https:': 443 };

async function checkUrl(url: string): Promise<Finding> {
  const shown = maskAddress(url);
  if (!isStreamAddress(url)) {
    return fail(
      part,
      `${shown} is no address of a stream`,
      'Set camera.source to rtsp://host/path or http://host/path',
    );
  }
  const { hostname, port, protocol } = new URL(url);
  const fault = await tryConnect(hostname, Number(port) || (defaultPorts[protocol] ?? 80));
  if (fault === undefined) return ok(part, `${shown} answers`);
  return warn(part, `${shown} does not answer (${fault})`, 'Check the address and whether the camera is on');
}

/** Undefined when something accepts a connection there, else why not. */
function tryConnect(host: string, port: number, limitMs = 3000): Promise<string | undefined> {
  return new Promise((settle) => {
    const socket = connect({ host: host.replace(/^\[(.*)\]$/, '$1'), port });
    const end = (fault?: string) => {
      socket.destroy();
      settle(fault);
    };
    socket.setTimeout(limitMs, () => end(`nothing within ${limitMs / 1000} s`));
    socket.once('connect', () => end());
    socket.once('error', (error) => end(error.message));
  });
}
