import { configSchema } from '../../device/config/schema.ts';
import type { DeviceState } from '../../device/core/state.ts';
import type { Face, Sample, Visit } from '../../device/core/types.ts';
import { type Fixture, fixture, labels, makeFace } from '../../device/lab/fixtures/http-fixture.ts';

/** Time of the device and of the page. */
export const now = new Date('2026-05-05T14:37:20Z').getTime();
/** Size of a frame. */
export const picture = { width: 1280, height: 720 };

export interface Scene {
  readonly name: string;
  readonly faces: readonly Face[];
  readonly change?: (board: Fixture['board']) => void;
  /** No frames come. */
  readonly still?: boolean;
  /** Reloads the page instead of waiting until the faces of the scene before count as gone. */
  readonly fresh?: boolean;
  /** Selector of an element that exists once the page shows the scene. */
  readonly ready: string;
}

const box = (x: number, y: number, size: number) => ({ x, y, width: size, height: size });
const one = [makeFace('happy', box(520, 180, 240))];
const eight = ['happy', 'neutral', 'surprise', 'happy', 'sad', 'neutral', 'uncertain', 'angry'].map((label, index) =>
  makeFace(
    label,
    box(40 + (index % 4) * 310 + Math.floor(index / 4) * 60, 90 + Math.floor(index / 4) * 300, 130 - index * 3),
    index + 1,
    'turned',
  ),
);
const online: Partial<DeviceState['camera']> = { state: 'online', reason: undefined, code: undefined };

export const scenes: readonly Scene[] = [
  { name: 'one', faces: one, ready: '[data-testid=dominant][data-label=happy]' },
  { name: 'eight', faces: eight, ready: '[data-testid=card]:nth-child(8)' },
  {
    name: 'unclear',
    faces: [makeFace('uncertain', box(520, 180, 240), 1, 'blurred')],
    ready: '[data-testid=dominant][data-label=uncertain]',
  },
  {
    name: 'broker-offline',
    faces: one,
    change: (board) =>
      board.update('mqtt', { state: 'offline', reason: 'ECONNREFUSED 10.0.0.2', code: 'broker-unreachable' }),
    ready: '[data-testid=warning][data-name=broker]',
  },
  {
    name: 'hot',
    faces: one,
    change: (board) => {
      board.update('mqtt', { state: 'connected', reason: undefined, code: undefined });
      board.update('governor', {
        state: 'reduced',
        fpsLimit: 15,
        temperatureC: 82,
        reason: 'The processor is at 82 °C',
        code: 'hot',
      });
    },
    ready: '[data-testid=warning][data-name=hot]',
  },
  {
    name: 'attract',
    faces: [],
    fresh: true,
    change: (board) => board.update('governor', { state: 'full', fpsLimit: 30, reason: undefined, code: undefined }),
    ready: '[data-testid=attract]',
  },
  {
    name: 'paused',
    faces: [],
    still: true,
    change: (board) => board.update('camera', { state: 'paused' }),
    ready: '[data-condition=paused]',
  },
  {
    name: 'no-camera',
    faces: [],
    still: true,
    change: (board) =>
      board.update('camera', {
        state: 'lost',
        reason: 'No camera at /dev/video0. Plug one in, or choose another: mien devices.',
        code: 'camera-missing',
      }),
    ready: '[data-condition=lost]',
  },
  {
    name: 'no-model',
    faces: [],
    still: true,
    change: (board) => {
      board.update('camera', { ...online, state: 'starting' });
      board.update('vision', {
        state: 'restarting',
        warning: 'Model missing: models/residual-cnn.onnx. Restore it from the repository.',
        code: 'model-missing',
      });
    },
    ready: '[data-condition=model]',
  },
  {
    name: 'restarting',
    faces: [],
    still: true,
    change: (board) => board.update('vision', { state: 'restarting', warning: undefined, code: undefined }),
    ready: '[data-condition=restarting]',
  },
];

/** A device in the middle of a day, with visits and samples of that day. */
export function makeDay(kioskDir: string, privacyUrl?: string): Fixture {
  const config = configSchema.parse({
    device: { name: 'lobby-1' },
    kiosk: { ...(privacyUrl && { privacyUrl }) },
  });
  const made = fixture({ config, clock: { now: () => now, mono: () => performance.now() }, kioskDir });
  made.board.update('camera', { width: picture.width, height: picture.height, fps: 30 });
  made.board.update('mqtt', { state: 'connected' });
  made.board.update('vision', { uncertain: true });
  for (let minute = 58; minute > 0; minute -= 1) {
    if (minute % 9 === 0) continue;
    for (let second = 0; second < 45 + 30 * Math.sin(minute / 3); second += 1) {
      const label = [...labels, 'happy', 'happy', 'neutral', 'uncertain'][(minute * second) % 11]!;
      made.samples.push(sampleAt(now - minute * 60_000 + second * 700, label));
    }
  }
  for (let row = 0; row < 400; row += 1) {
    const label = [...labels, 'happy', 'happy', 'neutral', 'neutral', 'uncertain'][(row * 7) % 12]!;
    made.samples.push(sampleAt(now - (1.5 + (row % 60) / 10) * 3_600_000, label));
    if (row % 4 === 0) made.visits.push(visitAt(now - (1.5 + (row % 60) / 10) * 3_600_000));
  }
  // Buckets as the log returns them.
  made.samples.sort((a, b) => a.ts - b.ts);
  made.visits.sort((a, b) => a.startedAt - b.startedAt);
  return made;
}

function sampleAt(ts: number, label: string): Sample {
  return { ts, track: 1, label, probability: null, probabilities: {}, happyShare: null, score: 1, frames: 25 };
}

function visitAt(startedAt: number): Visit {
  return { id: '', startedAt, dwellMs: 8000, dominant: 'happy' } as unknown as Visit;
}
