import { setTimeout as sleep } from 'node:timers/promises';
import type { Daemon } from './daemon.ts';
import type { HangingCamera } from './hanging-camera.ts';
import { Viewer } from './viewer.ts';

export interface Recovery {
  readonly fault: string;
  /** What the state says of it afterwards; undefined where nothing had to be restarted. */
  readonly reason: string | undefined;
  /** The project's target in seconds; undefined where there is none. */
  readonly target: number | undefined;
  /** From the fault to the next reading that was made after it. */
  readonly seconds: number;
  /** Whether a page that was open would have gone on by itself, on the same connection. */
  readonly viewerStayed: boolean;
}

/** A run that lasted this long counts as sound: the supervisor starts the next without delay. */
const soundMs = 11_000;

/** What is done to the vision process. */
const harms = {
  /** As the kernel does when memory runs out. */
  SIGKILL: { fault: 'kill -9 of the vision process', target: 2.5 },
  /** As native code that hangs: it answers nothing and does not end. */
  SIGSTOP: { fault: 'kill -STOP of the vision process', target: 7 },
} as const;

export async function harmVision(daemon: Daemon, signal: keyof typeof harms): Promise<Recovery> {
  await daemon.until(() => true);
  const viewer = new Viewer(daemon.origin);
  await sleep(soundMs);
  const pid = daemon.visionPid;
  if (pid === undefined) throw new Error('The vision process is not there (expected it to run before it is killed)');
  const harmedAt = Date.now();
  process.kill(pid, signal);
  // What it had sent before may still arrive.
  await daemon.until(({ ts }) => ts > harmedAt && daemon.visionPid !== pid);
  return recovered(daemon, harms[signal], harmedAt, viewer);
}

/**
 * The camera keeps its connection and sends nothing more, as one does whose firmware hangs; a new connection works.
 *
 * @param deafOpenings so many new connections are not answered before
 */
export async function hangCamera(daemon: Daemon, camera: HangingCamera, deafOpenings = 0): Promise<Recovery> {
  await daemon.until(() => true);
  const viewer = new Viewer(daemon.origin);
  // FFmpeg has read ahead while it looked what kind of stream it is; by then that is used up.
  await sleep(soundMs);
  const hungAt = Date.now();
  const reopened = camera.hang(deafOpenings);
  await reopened;
  const reopenedAt = Date.now();
  await daemon.until(({ ts }) => ts >= reopenedAt);
  const hung = { fault: 'a source that hangs', target: 7 };
  const deaf = { fault: 'a source that hangs, and again when it is opened anew', target: undefined };
  return recovered(daemon, deafOpenings === 0 ? hung : deaf, hungAt, viewer);
}

async function recovered(
  daemon: Daemon,
  fault: Pick<Recovery, 'fault' | 'target'>,
  since: number,
  viewer: Viewer,
): Promise<Recovery> {
  const seconds = (Date.now() - since) / 1000;
  const viewerStayed = viewer.isConnected;
  viewer.close();
  const { vision } = await daemon.state();
  return { ...fault, seconds, viewerStayed, reason: vision.lastRestart };
}
