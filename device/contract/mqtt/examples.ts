import type { MqttTopic } from './topics.ts';

const ts = 1_780_000_000_000;

const head = (seq: number, at = ts) => ({
  schema: 4,
  device: 'lobby',
  ts: at,
  boot_id: 'b7c1',
  seq,
  historical: false,
});

const camera = { state: 'online', source: '/dev/video0', width: 640, height: 480, fps: 30 };
const named = {
  angry: 0.0102,
  disgust: 0.0009,
  fear: 0.0061,
  happy: 0.9218,
  neutral: 0.0511,
  sad: 0.0069,
  surprise: 0.003,
};
const unclear = {
  angry: 0.1904,
  disgust: 0.0212,
  fear: 0.1133,
  happy: 0.0751,
  neutral: 0.3302,
  sad: 0.2411,
  surprise: 0.0287,
};
const box = { x: 212, y: 96, width: 118, height: 144 };

/** One payload of each topic, for the documentation. */
export const examples: Readonly<Record<MqttTopic, unknown>> = {
  availability: 'online',
  'camera/state': { ...head(3), ...camera },
  state: {
    ...head(12),
    version: '0.1.0',
    device_id: '0f3c9a61d2b7',
    profile: 'evening',
    camera,
    vision: {
      state: 'running',
      detector: 'yunet',
      model: 'residual-cnn',
      precision: 'int8',
      restarts: 0,
      model_id: 'residual-cnn@1a2b3c4d',
    },
    governor: { state: 'full', fps_limit: 30, throttled: [] },
    store: { state: 'ok' },
    mqtt: { state: 'connected', url: 'mqtt://127.0.0.1:1883' },
  },
  health: {
    ...head(5),
    status: 'degraded',
    reasons: ['camera lost: No camera at /dev/video0. See the cameras with: mien devices'],
    uptime_s: 86_400,
    fps: 0,
    dropped_fps: 0,
    memory_mb: { daemon: 81.2, vision: 164.9 },
    temperature_c: 54,
    outbox: { waiting: 2, oldest_s: 12.5, lost: 0 },
    written_mb_per_day: 31.4,
  },
  people: { ...head(9), people: 2 },
  expression: { ...head(9), expression: 'happy' },
  smiles: { ...head(4), smiles: 0.42 },
  visits: { ...head(4), visits: 12, dwell_ms: 10_012 },
  privacy: {
    ...head(1),
    purpose: 'To show, log and report which expressions faces in front of this device appear to have.',
    items: [
      {
        code: 'readings-sent',
        text: 'Apparent expressions, positions of faces in the picture and stays, without any picture, are sent to the broker 127.0.0.1:1883.',
        params: { to: '127.0.0.1:1883' },
      },
    ],
  },
  reading: {
    ...head(42),
    frame: 1234,
    width: 640,
    height: 480,
    faces: [
      { track: 1, box, score: 0.9712, label: 'happy', probability: 0.9218, probabilities: named },
      {
        track: 2,
        box: { x: 40, y: 130, width: 15, height: 19 },
        score: 0.7814,
        label: 'uncertain',
        reason: 'small',
        probabilities: unclear,
      },
    ],
    happy_share: 1,
  },
  visit: {
    ...head(7, ts + 10_000),
    id: 'b7c1-7',
    track: 1,
    started_at: ts,
    ended_at: ts + 10_000,
    dwell_ms: 10_012,
    dominant: 'happy',
    shares: { angry: 0, disgust: 0, fear: 0, happy: 0.63, neutral: 0.27, sad: 0, surprise: 0, uncertain: 0.1 },
    reasons: { turned: 0.08, blurred: 0.02 },
    happy_share: 0.7,
    strongest: { label: 'happy', probability: 0.9871, ts: ts + 4200 },
    confidence: 0.8466,
    frames: 298,
  },
  minute: {
    ...head(3, ts + 40_000),
    id: 'b7c1-m3',
    start: ts - 20_000,
    duration_s: 60,
    people: 2,
    visits_begun: 1,
    visits_ended: 1,
    dwell_ms: 10_012,
    seconds: { happy: 8.2, neutral: 2.7 },
    uncertain_s: 1.1,
    watched_s: 45,
    blind_s: 15,
    paused_s: 0,
    model: 'residual-cnn@1a2b3c4d',
    config: '5e6f7a8b',
  },
  response: {
    ...head(1),
    transaction: '17',
    command: 'request/rate',
    status: 'error',
    error: 'request/rate: fps: expected a number of at most 240, got 500. The schema is in /api/v1/asyncapi.json',
  },
};

/** One payload of each command, by its topic. */
export const commandExamples: Readonly<Record<string, unknown>> = {
  'request/pause': { transaction: '12' },
  'request/resume': { transaction: '13' },
  'request/restart-vision': { transaction: '14' },
  'request/rate': { transaction: '15', fps: 10 },
  'request/profile': { transaction: '16', name: 'evening' },
  'request/ping': { transaction: '17', sent_at: ts, expires_s: 10 },
  'request/snapshot': { transaction: '18' },
  'set/paused': 'ON',
  'set/rate': 10,
  'set/profile': 'evening',
};
