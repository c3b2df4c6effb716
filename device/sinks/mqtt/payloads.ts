import { fourDecimals } from '../../core/decimals.ts';
import { maskUrls } from '../../core/mask.ts';
import type { DeviceState } from '../../core/state.ts';
import type { Probabilities, Reading, Visit } from '../../core/types.ts';

/** Version of the payloads; a change that breaks a reader raises it. */
export const payloadSchema = 3;

/** What every JSON payload begins with. */
export interface Envelope {
  readonly schema: number;
  /** Wall clock of what the message tells, ms since 1970 (UTC). */
  readonly ts: number;
  /** Which start of the device sent it. */
  readonly boot_id: string;
  /** Counts the messages of one topic within a boot, from 1. */
  readonly seq: number;
}

/** Where and what; no landmarks: they come near to a picture of the face. */
export function readingPayload(reading: Reading) {
  return {
    frame: reading.frame,
    width: reading.width,
    height: reading.height,
    faces: reading.faces.map(({ track, box, score, label, reason, probability, probabilities }) => ({
      track,
      box: {
        x: Math.round(box.x),
        y: Math.round(box.y),
        width: Math.round(box.width),
        height: Math.round(box.height),
      },
      score: fourDecimals(score),
      label,
      ...(reason && { reason }),
      ...(probability !== undefined && { probability: fourDecimals(probability) }),
      probabilities: roundedAll(probabilities),
    })),
    happy_share: reading.happyShare,
  };
}

/** `historical`: it could not be published when it ended. */
export function visitPayload(visit: Visit, historical: boolean) {
  const { strongest, confidence } = visit;
  return {
    historical,
    id: visit.id,
    track: visit.track,
    started_at: visit.startedAt,
    ended_at: visit.endedAt,
    dwell_ms: visit.dwellMs,
    dominant: visit.dominant,
    shares: roundedAll(visit.shares),
    reasons: visit.reasons,
    happy_share: visit.happyShare,
    strongest: strongest && { ...strongest, probability: fourDecimals(strongest.probability) },
    confidence: confidence && fourDecimals(confidence),
    frames: visit.frames,
    ...(visit.cut && { cut: true }),
  };
}

export function cameraPayload(camera: DeviceState['camera']): Record<string, unknown> {
  return snakeCased(camera);
}

/** The state without the figures that always move (`figuresPayload`). */
export function statePayload(state: DeviceState, version: string): Record<string, unknown> {
  const { fps: _fps, droppedFps: _dropped, latencyMs: _latency, memoryMb: _memory, ...vision } = state.vision;
  const { temperatureC: _temperature, ...governor } = state.governor ?? {};
  return { version, ...snakeCased({ ...state, vision, governor: state.governor && governor }) };
}

/** What is measured anew every second and always moves; only what is known. */
export function figuresPayload({ vision, governor }: DeviceState): Record<string, unknown> {
  const { fps, droppedFps, latencyMs, memoryMb } = vision;
  return snakeCased({ fps, droppedFps, latencyMs, memoryMb, temperatureC: governor?.temperatureC });
}

/** The two states after a clean stop: nothing runs, and nobody knows how the camera is. */
export function stoppedPayloads({ camera, vision }: DeviceState, version: string) {
  const state = 'stopped';
  const stoppedCamera = snakeCased({ state, source: camera.source });
  return {
    camera: stoppedCamera,
    state: {
      version,
      camera: stoppedCamera,
      vision: { state, restarts: vision.restarts },
      store: { state },
      mqtt: { state },
    },
  };
}

function snakeCased(part: object): Record<string, unknown> {
  return Object.fromEntries(
    Object.entries(part)
      .filter(([, value]) => value !== undefined)
      .map(([key, value]) => [
        key.replaceAll(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`),
        snakeCasedValue(value),
      ]),
  );
}

function snakeCasedValue(value: unknown): unknown {
  if (typeof value === 'string') return maskUrls(value);
  if (typeof value === 'number') return fourDecimals(value);
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return value;
  return snakeCased(value);
}

function roundedAll(probabilities: Probabilities): Record<string, number> {
  return Object.fromEntries(Object.entries(probabilities).map(([label, value]) => [label, fourDecimals(value)]));
}
