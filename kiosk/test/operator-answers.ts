import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import { LiveConfig } from '../../device/config/live.ts';
import { liveSettingsPatch } from '../../device/config/live-settings.ts';
import { configSchema } from '../../device/config/schema.ts';
import { settings as settingsOfConfig } from '../../device/config/settings.ts';
import type { performanceSchema } from '../../device/contract/device.ts';
import type { historySchema } from '../../device/contract/history.ts';
import type {
  configSchema as configurationSchema,
  logsSchema,
  settingsSchema,
} from '../../device/contract/operator.ts';
import { happyShareOf } from '../../device/core/labels.ts';
import { packageRoot } from '../../device/core/paths.ts';
import type { Visit } from '../../device/core/types.ts';
import { labels } from '../../device/lab/fixtures/http-fixture.ts';

/**
 * Invented answers of the API for the operator page: one Wednesday in a lobby. They let a test see the page in states that
 * are rare on a device.
 */

/** A Wednesday afternoon. */
export const now = Date.parse('2026-06-17T14:25:00+02:00');

const hourMs = 3_600_000;
const day = Date.parse('2026-06-17T00:00:00+02:00');
/** Visits in each hour of the day; none before nine. */
const visitsByHour = [0, 0, 0, 0, 0, 0, 0, 0, 0, 4, 11, 9, 23, 17, 6];

function countsOf(hour: number): Record<string, number> {
  return Object.fromEntries(
    labels.map((label, at) => [
      label,
      label === 'neutral' ? 420 - hour * 6 : label === 'happy' ? 90 + hour * 12 : 11 * ((at + hour) % 5),
    ]),
  );
}

function sumOf(all: readonly Record<string, number>[]): Record<string, number> {
  const sum = (label: string) => all.reduce((total, counts) => total + counts[label]!, 0);
  return Object.fromEntries(labels.map((label) => [label, sum(label)]));
}

export const history = {
  bucket: 'hour',
  tz: 'Europe/Berlin',
  from: day,
  to: day + 24 * hourMs,
  happyShare: happyShareOf(sumOf(visitsByHour.flatMap((count, hour) => (count > 0 ? [countsOf(hour)] : [])))),
  buckets: Array.from({ length: 24 }, (_, hour) => {
    const visits = visitsByHour[hour] ?? 0;
    const counts = visits > 0 ? countsOf(hour) : {};
    const samples = Object.values(counts).reduce((sum, count) => sum + count, 0);
    const start = day + hour * hourMs;
    const happyShare = happyShareOf(counts);
    return { start, end: start + hourMs, samples, visits, dwellMs: visits * (7000 + hour * 310), counts, happyShare };
  }),
} satisfies z.output<typeof historySchema>;

/** A visit without a named moment: mostly too dark, otherwise too small. */
const nothingNamed = {
  shares: { uncertain: 1 },
  reasons: { dark: 0.8, small: 0.2 },
  happyShare: null,
  strongest: null,
  confidence: null,
} satisfies Partial<Visit>;

function named(label: string, at: number, ts: number) {
  const shares: Visit['shares'] =
    label === 'neutral' ? { neutral: 0.72, happy: 0.28 } : { [label]: 0.6, neutral: 0.3, fear: 0.1 };
  return {
    shares,
    reasons: {},
    happyShare: happyShareOf(shares),
    strongest: { label, probability: 0.93 - (at % 6) * 0.05, ts },
    confidence: 0.81 - (at % 9) * 0.03,
  } satisfies Partial<Visit>;
}

export const visits: readonly Visit[] = Array.from({ length: 30 }, (_, at) => {
  const dominant = ['neutral', 'happy', 'happy', 'surprise', 'sad', 'neutral', 'uncertain'][at % 7]!;
  const startedAt = now - (at * 6 + 2) * 60_000;
  const dwellMs = 2400 + ((at * 7919) % 61) * 700;
  return {
    id: `boot-1-${at}`,
    bootId: 'boot-1',
    seq: 300 - at,
    track: 300 - at,
    startedAt,
    endedAt: startedAt + dwellMs,
    dwellMs,
    dominant,
    ...(dominant === 'uncertain' ? nothingNamed : named(dominant, at, startedAt)),
    frames: Math.round(dwellMs / 40),
  };
});

const spanOf = (p50: number) => ({ p50, p95: Math.round(p50 * 170) / 100 });

export function performance(turn = 0): z.output<typeof performanceSchema> {
  return {
    fps: 24.1 + (turn % 3) * 0.3,
    droppedFps: turn % 4 === 0 ? 1.2 : 0.4,
    latencyMs: 18.4 + (turn % 5),
    stages: {
      decode: spanOf(3.1),
      detect: spanOf(9.6),
      track: spanOf(0.2),
      classify: spanOf(2.4),
      encode: spanOf(1.7),
      total: spanOf(18.4),
    },
    temperatureC: 61 + (turn % 2),
    memoryMb: { daemon: 92, vision: 187 },
    restarts: 1,
    live: { viewers: 2, delivered: 90_000, dropped: 12 },
    uptimeSeconds: 93_600,
  };
}

export const model = {
  card: JSON.parse(readFileSync(join(packageRoot, 'models', 'residual-cnn.json'), 'utf8')),
  inUse: { precision: 'int8', detector: 'yunet' },
};

const live = new LiveConfig(configSchema.parse({ camera: { fps: 25 }, kiosk: { theme: 'auto' } }));

export const settings = {
  values: live.values.now,
  configured: live.values.configured,
  changed: [] as string[],
  profiles: [] as string[],
  yaml: '',
  overrides: { isKept: true, ignored: [] },
  schema: z.toJSONSchema(liveSettingsPatch, { io: 'input' }),
} satisfies z.output<typeof settingsSchema>;

export const cameraAnswer = {
  state: 'online',
  asked: { source: 'auto', width: 640, height: 480, fps: 30 },
  got: { source: '/dev/video0', width: 640, height: 480, fps: 25 },
  devices: [
    { path: '/dev/video0', name: 'HD Pro Webcam C920', isUsb: true },
    { path: '/dev/video2', name: 'Integrated Camera', isUsb: false },
  ],
};

/** A setting in the shape of /api/v1/config. */
function entry(path: string, value: unknown, source: string, configured?: { value: unknown; source: string }) {
  const { type, description, expected, minimum, maximum, unit } = settingsOfConfig.find((each) => each.path === path)!;
  const bounds = { ...(minimum !== undefined && { minimum }), ...(maximum !== undefined && { maximum }) };
  return {
    ...{ path, value, source, description, expected, type, isLive: path === 'camera.fps' },
    ...(configured && { configured }),
    ...bounds,
    ...(unit && { unit }),
  };
}

export const config = {
  file: '/etc/mien/mien.yaml',
  settings: [
    entry('device.name', 'lobby-1', '/etc/mien/mien.yaml'),
    entry('camera.source', 'auto', 'default'),
    entry('camera.fps', 25, 'override', { value: 30, source: 'default' }),
    entry('mqtt.url', 'mqtts://mien:***@broker.example', 'MIEN_MQTT_URL'),
    entry('http.token', '***', 'MIEN_HTTP_TOKEN'),
    entry('store.visitsDays', 30, 'default'),
  ],
} satisfies z.output<typeof configurationSchema>;

export const logs = {
  lines: [
    { time: new Date(now - 61_000).toISOString(), level: 'info', msg: 'Mien 1.2.3 listens on http://localhost:8080' },
    {
      time: new Date(now - 58_000).toISOString(),
      level: 'info',
      msg: 'Camera /dev/video0 is online: 640x480, 25 frames a second',
    },
    {
      time: new Date(now - 31_000).toISOString(),
      level: 'warn',
      msg: 'Broker mqtts://broker.example is offline; visits wait in the outbox',
      fields: { waiting: 12 },
    },
    {
      time: new Date(now - 9000).toISOString(),
      level: 'error',
      msg: 'The vision process gave no sign of life for 5 s; it is started again',
      fields: { restarts: 1 },
    },
    { time: new Date(now - 4000).toISOString(), level: 'info', msg: 'Recognition runs: yunet, residual-cnn int8' },
  ],
} satisfies z.output<typeof logsSchema>;
