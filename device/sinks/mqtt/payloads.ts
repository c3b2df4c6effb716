import type { z } from '@hono/zod-openapi';
import { cameraBody, figuresBody, readingBody, stateBody, visitBody } from '../../contract/mqtt.ts';
import { toOutside } from '../../contract/outside.ts';
import type { DeviceState } from '../../core/state.ts';
import type { Box, Reading, Visit } from '../../core/types.ts';

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

/** @param historical the visit could not be published when it ended */
export function visitPayload(visit: Visit, historical: boolean): z.output<typeof visitBody> {
  return toOutside(visitBody, {
    ...visit,
    historical,
    started_at: visit.startedAt,
    ended_at: visit.endedAt,
    dwell_ms: visit.dwellMs,
    happy_share: visit.happyShare,
  });
}

export function cameraPayload(camera: DeviceState['camera']): CameraBody {
  return toOutside(cameraBody, camera);
}

/** The state without the figures that change all the time (`figuresPayload`). */
export function statePayload(state: DeviceState, version: string): StateBody {
  const { vision, governor } = state;
  return toOutside(stateBody, {
    ...state,
    version,
    vision: { ...vision, last_restart: vision.lastRestart },
    governor: governor && { ...governor, fps_limit: governor.fpsLimit },
  });
}

/** The figures that are measured every second. Unknown ones are absent. */
export function figuresPayload({ vision, governor }: DeviceState): z.output<typeof figuresBody> {
  return toOutside(figuresBody, {
    fps: vision.fps,
    dropped_fps: vision.droppedFps,
    latency_ms: vision.latencyMs,
    memory_mb: vision.memoryMb,
    temperature_c: governor?.temperatureC,
  });
}

/** Payloads of `camera/state` and `state` after a clean stop: nothing runs, so the state of the camera is unknown. */
export function stoppedPayloads(
  { camera: { source }, vision: { restarts } }: DeviceState,
  version: string,
): { readonly camera: CameraBody; readonly state: StateBody } {
  const state = 'stopped';
  const camera = toOutside(cameraBody, { state, source });
  return {
    camera,
    state: { version, camera, vision: { state, restarts }, store: { state }, mqtt: { state } },
  };
}

function wholePixels({ x, y, width, height }: Box): Box {
  return { x: Math.round(x), y: Math.round(y), width: Math.round(width), height: Math.round(height) };
}
