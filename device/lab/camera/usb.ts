import { createHash } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Checks } from '../checks.ts';
import { sharedFolder } from './machine.ts';
import type { Life, Service } from './service.ts';

const serial = '0001';
const stablePath = `/dev/v4l/by-id/usb-Lab_Lab_Camera_${serial}-video-index0`;
const rulePath = '/dev/mien-camera';
const settings = 'width: 640, height: 480, fps: 10';

/** A USB camera from its first plugging to its last, under a service that runs before it. */
export class UsbTrial {
  readonly #checks: Checks;
  readonly #service: Service;
  readonly #pictures: ReadonlySet<string>;

  /** @param folder what the machine shares: the pictures of the camera */
  constructor(checks: Checks, service: Service, folder: string) {
    this.#checks = checks;
    this.#service = service;
    const vga = join(folder, '640x480');
    this.#pictures = new Set(readdirSync(vga).map((name) => hashOf(readFileSync(join(vga, name)))));
  }

  async run(): Promise<void> {
    const life = await this.#startWithoutCamera();
    await this.#plug();
    const { machine } = this.#service;
    const link = await machine.shell(`readlink -f ${rulePath} || true`);
    this.#checks.report(link.startsWith('/dev/video'), `the udev rule makes ${rulePath} (${link})`);
    await this.#checks.within(60, 'plugged in for the first time, frames advance', () => this.#service.missingFrames());
    await this.#reportLife(life);
    await this.#motionJpeg();
    for (const time of ['first', 'second', 'third']) await this.#unplugAndBack(time);
    await this.#reportLife(life);
    await this.#stablePath();
  }

  /** Leaves no camera behind. */
  async unplug(): Promise<void> {
    await this.#service.machine.shell('systemctl stop usb-camera');
  }

  async #startWithoutCamera(): Promise<Life> {
    const { machine } = this.#service;
    const kernel = await machine.shell('grep -q video4linux /proc/devices && echo known || echo unknown');
    console.log(`At the start of the service the kernel's video4linux is ${kernel}`);
    await this.#service.configure(`{source: ${rulePath}, ${settings}}`);
    await machine.run('systemctl', 'start', 'mien');
    await this.#checks.within(240, 'without a camera the service is ready, and says that it is lost', () =>
      this.#service.missingLoss(),
    );
    return this.#service.life();
  }

  async #motionJpeg(): Promise<void> {
    const { machine } = this.#service;
    const format = await machine.run('v4l2-ctl', '-d', rulePath, '--get-fmt-video');
    const pixelFormat = /Pixel Format\s*: '(\w+)'/.exec(format)?.[1];
    this.#checks.report(
      pixelFormat === 'MJPG',
      `Motion JPEG is granted; the camera's default is YUYV (${pixelFormat})`,
    );
    const { camera } = await this.#service.state();
    const size = `${camera.width}x${camera.height} @ ${camera.fps}`;
    this.#checks.report(size === '640x480 @ 10', `size and rate are those of the configuration (${size})`);
    const picture = await this.#service.picture();
    const isPassed = this.#pictures.has(hashOf(picture));
    this.#checks.report(isPassed, `a viewer gets the camera's own bytes, not encoded again (${picture.length} bytes)`);
    const listed = await machine.run('/opt/mien/current/bin/mien', 'devices');
    const isListed = listed.includes(stablePath) && listed.includes('MJPG: 640x480 @ 30, 320x240 @ 30');
    this.#checks.report(isListed, `mien devices: ${listed.replaceAll(/\s+/g, ' ')}`);
  }

  async #unplugAndBack(time: string): Promise<void> {
    await this.unplug();
    await this.#checks.within(20, `unplugged for the ${time} time, the camera is lost`, () =>
      this.#service.missingLoss(),
    );
    await sleep(5000);
    await this.#plug();
    await this.#checks.within(40, 'plugged in again, frames advance', () => this.#service.missingFrames());
  }

  async #stablePath(): Promise<void> {
    await this.#service.configure(`{source: ${stablePath}, ${settings}}`);
    await this.#service.restart();
    await this.#checks.within(120, `opened by ${stablePath}, frames advance`, () => this.#service.missingFrames());
    const { source } = (await this.#service.state()).camera;
    this.#checks.report(source.includes(stablePath), `the state names it (${source})`);
  }

  async #plug(): Promise<void> {
    const program = `python3 ${sharedFolder}/usb-camera.py ${serial} ${sharedFolder}`;
    await this.#service.machine.shell('modprobe vhci-hcd', `systemd-run -q --collect --unit=usb-camera ${program}`);
    await this.#checks.within(30, 'a USB camera appears', async () =>
      (await this.#service.machine.shell(`ls ${stablePath} || true`)) === stablePath ? [] : [stablePath],
    );
  }

  async #reportLife(before: Life): Promise<void> {
    const now = await this.#service.life();
    const isSame = now.pid === before.pid && now.restarts === '0';
    this.#checks.report(isSame, `without a restart of the service (NRestarts ${now.restarts}, MainPID ${now.pid})`);
    const { restarts } = (await this.#service.state()).vision;
    this.#checks.report(restarts === 0, `restarts of the vision process so far: ${restarts}`);
  }
}

function hashOf(bytes: Buffer): string {
  return createHash('sha256').update(bytes).digest('hex');
}
