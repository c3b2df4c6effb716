import { setTimeout as sleep } from 'node:timers/promises';
import type { Daemon } from './daemon.ts';
import type { HangingCamera } from './hanging-camera.ts';
import { Viewer } from './viewer.ts';

export interface Recovery {
  readonly fault: string;
  /** Reason in the state afterwards; undefined without a restart. */
  readonly reason: string | undefined;
  /** The project's target in seconds; undefined without a target. */
  readonly target: number | undefined;
  /** Time from the fault to the next new reading. */
  readonly seconds: number;
  /** Whether an open page stayed connected. */
  readonly viewerStayed: boolean;
}

/** Uptime after which a run counts as healthy: the supervisor restarts without delay. */
const soundMs = 11_000;

/** Faults of the vision process. */
const harms = {
  /** The kernel does the same when memory runs out. */
  SIGKILL: { fault: 'kill -9 of the vision process', target: 2.5 },
  /** Like hanging native code: no answer and no end. */
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
  // Readings in flight may still arrive.
  await daemon.until(({ ts }) => ts > harmedAt && daemon.visionPid !== pid);
  return recovered(daemon, harms[signal], harmedAt, viewer);
}

/**
 * The camera keeps its connection and sends nothing more, like a camera with hanging firmware. A new connection works.
 *
 * @param deafOpenings number of new connections before that, which are not answered
 */
export async function hangCamera(daemon: Daemon, camera: HangingCamera, deafOpenings = 0): Promise<Recovery> {
  await daemon.until(() => true);
  const viewer = new Viewer(daemon.origin);
  // FFmpeg reads ahead while it probes the stream. Wait until these frames are used up.
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
