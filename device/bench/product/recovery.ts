import { setTimeout as sleep } from 'node:timers/promises';
import type { Daemon } from './daemon.ts';
import type { HangingCamera } from './hanging-camera.ts';
import { Viewer } from './viewer.ts';

export interface Recovery {
  readonly fault: string;
  /** From the fault to the next reading that was made after it. */
  readonly seconds: number;
  /** Whether a page that was open would have gone on by itself, on the same connection. */
  readonly viewerStayed: boolean;
}

/** A run that lasted this long counts as sound: the supervisor starts the next without delay. */
const soundMs = 11_000;

/** Kills the vision process as the kernel does when memory runs out. */
export async function killVision(daemon: Daemon): Promise<Recovery> {
  await daemon.until(() => true);
  const viewer = new Viewer(daemon.origin);
  await sleep(soundMs);
  const pid = daemon.visionPid;
  if (pid === undefined) throw new Error('The vision process is not there (expected it to run before it is killed)');
  const killedAt = Date.now();
  process.kill(pid, 'SIGKILL');
  // What it had sent before it was killed may still arrive.
  await daemon.until(({ ts }) => ts > killedAt && daemon.visionPid !== pid);
  return recovered('kill -9 of the vision process', killedAt, viewer);
}

/** The camera keeps its connection and sends nothing more, as one does whose firmware hangs; a new connection works. */
export async function hangCamera(daemon: Daemon, camera: HangingCamera): Promise<Recovery> {
  await daemon.until(() => true);
  const viewer = new Viewer(daemon.origin);
  // FFmpeg has read ahead while it looked what kind of stream it is; by then that is used up.
  await sleep(soundMs);
  const hungAt = Date.now();
  const reopened = camera.hang();
  await reopened;
  const reopenedAt = Date.now();
  await daemon.until(({ ts }) => ts >= reopenedAt);
  return recovered('a source that hangs', hungAt, viewer);
}

function recovered(fault: string, since: number, viewer: Viewer): Recovery {
  const seconds = (Date.now() - since) / 1000;
  const viewerStayed = viewer.isConnected;
  viewer.close();
  return { fault, seconds, viewerStayed };
}
