import { type Family, one } from '../family.ts';

/** Frames, times and people. The counts go on over restarts of the vision process. */
export const visionFamilies: readonly Family[] = [
  {
    type: 'counter',
    name: 'mien_frames_total',
    help: 'Frames of the camera: processed, dropped for a newer one, or skipped on purpose (rate limit, idle scene).',
    labels: ['outcome'],
    read: ({ vision: { totals } }) =>
      (['processed', 'dropped', 'skipped'] as const).map((outcome) => ({
        labels: { outcome },
        value: totals[outcome],
      })),
  },
  {
    type: 'histogram',
    name: 'mien_frame_latency_seconds',
    help: 'Time from a frame to its reading.',
    read: ({ vision }) => [{ counts: vision.totals.latency }],
  },
  {
    type: 'histogram',
    name: 'mien_stage_duration_seconds',
    help: 'Duration of each stage per frame; read includes the wait for the camera.',
    labels: ['stage'],
    read: ({ vision }) =>
      Object.entries(vision.totals.stages).map(([stage, counts]) => ({ labels: { stage }, counts })),
  },
  {
    type: 'counter',
    name: 'mien_vision_restarts_total',
    help: 'Restarts of the vision process, by the reason of its end.',
    labels: ['kind'],
    read: ({ vision }) =>
      [...vision.restarts].map(([kind, value]) => ({ labels: { kind: kind.replaceAll(' ', '_') }, value })),
  },
  {
    type: 'counter',
    name: 'mien_readings_total',
    help: 'Readings that the vision process sent; at most 2 per second while nobody is seen.',
    read: ({ counts }) => one(counts.readings),
  },
  {
    type: 'counter',
    name: 'mien_faces_total',
    help: 'Faces in readings, each once per reading, with a named label or uncertain.',
    labels: ['label'],
    read: ({ counts }) =>
      (['named', 'uncertain'] as const).map((label) => ({ labels: { label }, value: counts[label] })),
  },
  {
    type: 'gauge',
    name: 'mien_people',
    help: 'Faces in the newest reading; absent while the camera is not online.',
    read: ({ state, counts }) => one(state.camera.state === 'online' ? counts.people : undefined),
  },
  {
    type: 'counter',
    name: 'mien_visits_total',
    help: 'Visits that have ended.',
    read: ({ counts }) => one(counts.visits),
  },
];
