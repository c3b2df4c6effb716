import type { z } from '@hono/zod-openapi';
import { minuteBody, readingBody, visitBody } from '../../contract/mqtt/records.ts';
import { cameraBody, healthBody, stateBody } from '../../contract/mqtt/states.ts';
import { toOutside } from '../../contract/outside.ts';
import { uncertain } from '../../core/labels.ts';
import type { DeviceState } from '../../core/state.ts';
import type { Box, Minute, Reading, Visit } from '../../core/types.ts';

type CameraBody = z.output<typeof cameraBody>;
type StateBody = z.output<typeof stateBody>;

/** Boxes and labels of the faces, without landmarks: these describe a face almost like a picture. */
export function readingPayload({ frame, width, height, faces, happyShare }: Reading): z.output<typeof readingBody> {
  return toOutside(readingBody, {
    frame,
    width,
    height,
    faces: faces.map((face) => ({ ...face, box: wholePixels(face.box) })),
    happy_share: happyShare,
  });
}

export function visitPayload(visit: Visit): z.output<typeof visitBody> {
  return toOutside(visitBody, {
    ...visit,
    started_at: visit.startedAt,
    ended_at: visit.endedAt,
    dwell_ms: visit.dwellMs,
    happy_share: visit.happyShare,
  });
}

/** Durations in seconds. `uncertain` stands beside the named labels. */
export function minutePayload(minute: Minute): z.output<typeof minuteBody> {
  const { [uncertain]: uncertainMs = 0, ...named } = minute.shownMs;
  const shown = Object.entries(named).filter(([, ms]) => ms > 0);
  return toOutside(minuteBody, {
    ...minute,
    start: minute.startedAt,
    duration_s: minute.durationMs / 1000,
    visits_begun: minute.visitsBegun,
    visits_ended: minute.visitsEnded,
    dwell_ms: minute.dwellMs,
    seconds: Object.fromEntries(shown.map(([label, ms]) => [label, ms / 1000])),
    uncertain_s: uncertainMs / 1000,
    watched_s: minute.watchedMs / 1000,
    blind_s: minute.blindMs / 1000,
    paused_s: minute.pausedMs / 1000,
  });
}

export function cameraPayload(camera: DeviceState['camera']): CameraBody {
  return toOutside(cameraBody, camera);
}

/** Program and device that send the messages. */
export interface Identity {
  readonly version: string;
  readonly deviceId: string;
}

/** The state without the figures that change all the time (`healthPayload` has them). */
export function statePayload(
  state: DeviceState,
  { version, deviceId, profile }: Identity & { profile?: string },
): StateBody {
  const { vision, governor } = state;
  return toOutside(stateBody, {
    ...state,
    version,
    device_id: deviceId,
    ...(profile !== undefined && { profile }),
    vision: { ...vision, model_id: vision.modelId, last_restart: vision.lastRestart },
    governor: governor && { ...governor, fps_limit: governor.fpsLimit },
  });
}

/** The health of the daemon, from other parts of it. */
export interface HealthReport {
  readonly status: z.output<typeof healthBody>['status'];
  readonly reasons: readonly string[];
  readonly uptimeS: number;
  /** Private memory of the daemon. May be read from the kernel at each access. */
  readonly memoryMb: number;
}

/** Health, and the figures that change all the time. Unknown ones are absent. */
export function healthPayload(
  { status, reasons, uptimeS, memoryMb }: HealthReport,
  state: DeviceState,
  now: number,
): z.output<typeof healthBody> {
  const { vision, governor, store } = state;
  const { waiting = 0, oldestTs, lost = 0 } = store.outbox ?? {};
  return toOutside(healthBody, {
    status,
    reasons,
    uptime_s: Math.round(uptimeS),
    fps: vision.fps,
    dropped_fps: vision.droppedFps,
    latency_ms: vision.latencyMs,
    memory_mb: { daemon: memoryMb, vision: vision.memoryMb },
    temperature_c: governor?.temperatureC,
    rows_pending: store.pending,
    outbox: store.outbox && {
      waiting,
      oldest_s: oldestTs === undefined ? undefined : Math.max(0, Math.round((now - oldestTs) / 1000)),
      lost,
    },
    written_mb_per_day: store.writtenMbPerDay,
  });
}

/** Payloads of `camera/state` and `state` after a clean stop: nothing runs, so the state of the camera is unknown. */
export function stoppedPayloads(
  { camera: { source }, vision: { restarts } }: DeviceState,
  { version, deviceId }: Identity,
): { readonly camera: CameraBody; readonly state: StateBody } {
  const state = 'stopped';
  const camera = toOutside(cameraBody, { state, source });
  return {
    camera,
    state: { version, device_id: deviceId, camera, vision: { state, restarts }, store: { state }, mqtt: { state } },
  };
}

function wholePixels({ x, y, width, height }: Box): Box {
  return { x: Math.round(x), y: Math.round(y), width: Math.round(width), height: Math.round(height) };
}
