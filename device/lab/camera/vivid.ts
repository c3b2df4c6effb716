import { jpegSize } from '../../camera/jpeg-segments.ts';
import type { Checks } from '../checks.ts';
import type { Service } from './service.ts';

const driver = '/sys/bus/platform/drivers/vivid';

/** The kernel's virtual camera: raw pictures of any size, and a driver that can be unbound. */
export async function tryVivid(checks: Checks, service: Service): Promise<void> {
  const { machine } = service;
  await machine.shell('modprobe vivid n_devs=1 node_types=0x1', 'udevadm settle');
  const path = await machine.shell('ls /dev/v4l/by-path/*vivid*index0');
  await service.configure(`{source: ${path}, width: 640, height: 480, fps: 5}`);
  await service.restart();
  await checks.within(240, `raw pictures of ${path} advance`, () => service.missingFrames());
  const format = await machine.run('v4l2-ctl', '-d', path, '--get-fmt-video');
  const pixelFormat = /Pixel Format\s*: '([^']+)'/.exec(format)?.[1];
  checks.report(pixelFormat !== 'MJPG', `Motion JPEG was asked for; the camera sends ${pixelFormat}`);
  await size(checks, service, '640x480');
  const before = await service.life();
  await machine.shell(`echo vivid.0 > ${driver}/unbind`);
  await checks.within(20, 'unbound while it streams, the camera is lost', () => service.missingLoss());
  await machine.shell(`echo vivid.0 > ${driver}/bind`, 'udevadm settle');
  await checks.within(40, 'bound again, frames advance', () => service.missingFrames());
  const now = await service.life();
  const isSame = now.pid === before.pid && now.restarts === before.restarts;
  checks.report(isSame, `without a restart of the service (NRestarts ${now.restarts})`);

  await service.configure(`{source: ${path}, width: 500, height: 401, fps: 5}`);
  await service.restart();
  await checks.within(240, 'asked for 500x401, frames advance', () => service.missingFrames());
  await size(checks, service);
}

/** The state and the pictures must have one size: the camera chooses it. */
async function size(checks: Checks, service: Service, expected?: string): Promise<void> {
  const { camera } = await service.state();
  const told = `${camera.width}x${camera.height}`;
  const picture = jpegSize(await service.picture());
  const sent = `${picture?.width}x${picture?.height}`;
  checks.report(told === sent && told === (expected ?? told), `the state says ${told}, a viewer gets ${sent}`);
}
