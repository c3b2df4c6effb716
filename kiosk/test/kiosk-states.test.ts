import { join } from 'node:path';
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, inject, test } from 'vitest';
import { configSchema } from '../../device/config/schema.ts';
import { packageRoot } from '../../device/core/paths.ts';
import type { DeviceState } from '../../device/core/state.ts';
import type { Face, Visit } from '../../device/core/types.ts';
import { type RunningServer, serveApp } from '../../device/http/server/serve.ts';
import { launchChromium, whyNoChromium } from '../../device/lab/fixtures/chromium.ts';
import { drawPeople } from '../../device/lab/fixtures/drawn-people.ts';
import {
  type Fixture,
  fixture,
  labels,
  makeFace,
  makeReading,
  silentLog,
} from '../../device/lab/fixtures/http-fixture.ts';
import { wcagViolations } from './axe.ts';
import { outside } from './layout.ts';
import { References } from './references.ts';

/**
 * Every state of the kiosk page, on screens of three shapes, in the themes and in a language that runs from right to left:
 * nothing reaches out of its box, axe finds nothing, and it looks as it did when somebody last looked at it
 * (kiosk/test/reference).
 */
const now = new Date('2026-05-05T14:37:20Z').getTime();
const picture = { width: 1280, height: 720 };

interface Scene {
  readonly name: string;
  readonly faces: readonly Face[];
  readonly change?: (board: Fixture['board']) => void;
  /** Whether frames come. */
  readonly still?: boolean;
  /** The page is loaded anew, so that it need not wait until the people of the scene before have been gone long enough. */
  readonly fresh?: boolean;
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

const scenes: readonly Scene[] = [
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

interface Screen {
  readonly name: string;
  readonly width: number;
  readonly height: number;
  readonly query: string;
  /** Shows the code for phones too. */
  readonly code?: boolean;
  /** Only these. */
  readonly scenes?: readonly string[];
}

const shapes = [
  { shape: '800x480', width: 800, height: 480 },
  { shape: '1080x1920', width: 1080, height: 1920 },
  { shape: '1920x1080', width: 1920, height: 1080 },
];
const few = ['one', 'eight', 'unclear', 'attract', 'no-camera'];

const screens: readonly Screen[] = [
  ...shapes.flatMap(({ shape, ...size }) => [
    { ...size, name: `dark-${shape}`, query: 'theme=dark&lang=en', code: true },
    { ...size, name: `light-${shape}`, query: 'theme=light&lang=en' },
    { ...size, name: `urdu-${shape}`, query: 'theme=dark&lang=ur', code: shape !== '800x480' },
  ]),
  { name: 'contrast-800x480', width: 800, height: 480, query: 'theme=contrast&lang=en', scenes: few },
  { name: 'german-800x480', width: 800, height: 480, query: 'theme=light&lang=de', code: true, scenes: few },
  { name: 'french-1080x1920', width: 1080, height: 1920, query: 'theme=dark&lang=fr', scenes: few },
  { name: 'spanish-1920x1080', width: 1920, height: 1080, query: 'theme=light&lang=es', scenes: few },
  { name: 'large-1920x1080', width: 1920, height: 1080, query: 'theme=dark&lang=en&text=1.5', scenes: few },
  { name: 'largest-800x480', width: 800, height: 480, query: 'theme=dark&lang=de&text=2', scenes: few },
  { name: 'large-1080x1920', width: 1080, height: 1920, query: 'theme=light&lang=ur&text=1.6', scenes: few },
  { name: 'dark-3840x2160', width: 3840, height: 2160, query: 'theme=dark&lang=en', scenes: ['eight'] },
];

describe.skipIf(whyNoChromium)(
  `every state of the kiosk page${whyNoChromium ? ` (skipped: ${whyNoChromium})` : ''}`,
  () => {
    const kioskDir = inject('kioskDir');
    let browser: Browser;
    let references: References;
    const pictures = new Map<readonly Face[], Uint8Array>();

    beforeAll(async () => {
      browser = await launchChromium();
      references = await References.open(browser, join(packageRoot, 'kiosk', 'test', 'reference'));
      const crowds = [...new Set(scenes.map(({ faces }) => faces))];
      const drawn = await drawPeople(
        browser,
        crowds.map((faces) => ({ ...picture, faces })),
      );
      for (const [index, faces] of crowds.entries()) pictures.set(faces, drawn[index]!);
    }, 240_000);

    afterAll(() => browser?.close());

    // A few screens at a time: each waits for its page most of the time.
    test.concurrent.for(screens)('$name', { timeout: 600_000 }, async (screen, { expect }) => {
      const made = aDay(screen, kioskDir);
      const server = await serveApp(made.app, { host: '127.0.0.1', port: 0, log: silentLog });
      const page = await openPage(browser, server, screen);
      const complaints: string[] = [];
      page.on('pageerror', (error) => complaints.push(error.message));
      const look = async (scene: string) => {
        await settled(page);
        complaints.push(...(await outside(page)).map((what) => `${scene}: ${what} reaches out of its box`));
        complaints.push(...(await wcagViolations(page)).map((what) => `${scene}: ${what}`));
        const differs = await references.differs(`${screen.name}-${scene}`, await page.screenshot());
        if (differs) complaints.push(differs);
      };
      try {
        for (const scene of scenes.filter(({ name }) => screen.scenes?.includes(name) ?? true)) {
          scene.change?.(made.board);
          if (scene.fresh) await page.reload();
          const playing = setInterval(() => {
            if (!scene.still) emit(made, scene.faces, pictures.get(scene.faces)!);
          }, 100);
          // Where letters are large there is no room to show it.
          await page.locator(scene.ready).waitFor({ state: 'attached', timeout: 60_000 });
          // From outside: waitForFunction would need the page's leave to evaluate.
          await expect.poll(() => page.evaluate(chartsFilled), { timeout: 60_000 }).toBe(true);
          await look(scene.name);
          clearInterval(playing);
        }
        if (!screen.scenes) {
          await server.stop();
          await page.locator('[data-condition=gone]').waitFor({ timeout: 60_000 });
          await look('reconnecting');
        }
        expect(complaints).toEqual([]);
      } finally {
        await page.context().close();
        await server.stop();
      }
    });
  },
);

function emit({ live }: Fixture, faces: readonly Face[], jpeg: Uint8Array): void {
  // The second that the page counts never passes, so that its charts are alike however long a scene takes.
  live.emit({ reading: makeReading(0, { ...picture, faces, ts: now, mono: 0 }), jpeg });
}

/** A device in the middle of a day with people in it. */
function aDay({ code }: Screen, dir: string): Fixture {
  const config = configSchema.parse({
    device: { name: 'lobby-1' },
    kiosk: code ? { privacyUrl: 'https://kiosk.example.org/privacy' } : {},
  });
  const made = fixture({ config, clock: { now: () => now, mono: () => performance.now() }, kioskDir: dir });
  made.board.update('camera', { width: picture.width, height: picture.height, fps: 30 });
  made.board.update('mqtt', { state: 'connected' });
  made.board.update('vision', { uncertain: true });
  for (let minute = 58; minute > 0; minute -= 1) {
    if (minute % 9 === 0) continue;
    for (let second = 0; second < 45 + 30 * Math.sin(minute / 3); second += 1) {
      const label = [...labels, 'happy', 'happy', 'neutral', 'uncertain'][(minute * second) % 11]!;
      made.samples.push({
        ts: now - minute * 60_000 + second * 700,
        track: 1,
        label,
        probability: null,
        probabilities: {},
        happyShare: null,
        score: 1,
        frames: 25,
      });
    }
  }
  for (let row = 0; row < 400; row += 1) {
    const label = [...labels, 'happy', 'happy', 'neutral', 'neutral', 'uncertain'][(row * 7) % 12]!;
    made.samples.push({
      ts: now - (1.5 + (row % 60) / 10) * 3_600_000,
      track: 1,
      label,
      probability: null,
      probabilities: {},
      happyShare: null,
      score: 1,
      frames: 25,
    });
    if (row % 4 === 0) made.visits.push(visitAt(now - (1.5 + (row % 60) / 10) * 3_600_000));
  }
  // As a log has them.
  made.samples.sort((a, b) => a.ts - b.ts);
  made.visits.sort((a, b) => a.startedAt - b.startedAt);
  return made;
}

function visitAt(startedAt: number): Visit {
  return { id: '', startedAt, dwellMs: 8000, dominant: 'happy' } as unknown as Visit;
}

/** With the clock stopped, in one time zone, and without motion: two looks at the same state are alike. */
async function openPage(browser: Browser, { port }: RunningServer, { width, height, query }: Screen): Promise<Page> {
  const context = await browser.newContext({
    viewport: { width, height },
    timezoneId: 'Europe/Berlin',
    locale: 'en-GB',
    reducedMotion: 'reduce',
  });
  const page = await context.newPage();
  await page.clock.setFixedTime(now);
  await page.goto(`http://127.0.0.1:${port}/?${query}`);
  return page;
}

/** With what the device has logged, and not only with the people who are there now. A chart counts what it has drawn. */
const chartsFilled = `[...document.querySelectorAll('[data-testid^=chart-]')]
  .every((chart) => chart.dataset.filled > 2 || !chart.checkVisibility())`;

/** Fonts are there, and the page has caught up with what it was told last. */
async function settled(page: Page): Promise<void> {
  await page.evaluate('document.fonts.ready.then(() => new Promise((resolve) => setTimeout(resolve, 400)))');
}
