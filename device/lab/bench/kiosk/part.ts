import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { gzipSync } from 'node:zlib';
import type { Browser } from 'playwright-core';
import { packageRoot } from '../../../core/paths.ts';
import { serveApp } from '../../../http/server/serve.ts';
import { launchChromium, whyNoChromium } from '../../fixtures/chromium.ts';
import { fixture, silentLog } from '../../fixtures/http-fixture.ts';
import type { Report } from '../report.ts';
import { median, type Point, trendOf } from '../statistics.ts';
import type { Target } from '../targets.ts';
import { Crowd } from './crowd.ts';
import { KioskScreen } from './screen.ts';

export interface KioskOptions {
  /** Duration of the measurement. */
  readonly minutes: number;
}

const fps = 30;
const openings = 5;
const heapEveryMs = 5000;
/** Warm-up: until code is compiled and the first garbage is collected. */
const settleMs = 3000;

interface Watched {
  readonly picturesPerSecond: number;
  readonly longTasks: readonly number[];
  readonly scriptMsPerPicture: number;
  readonly layoutMsPerPicture: number;
  readonly busyShare: number;
  readonly heap: readonly Point[];
}

/**
 * `npm run bench -- kiosk`: the kiosk page in Chromium, at 1280x720 with eight people at 30 frames a second. It measures the
 * size of the page, the time until it is live, its frame rate, and the growth of its heap. Pictures and readings are
 * generated, so that the result does not depend on the vision process.
 */
export async function benchKiosk({ minutes }: KioskOptions, report: Report): Promise<void> {
  if (whyNoChromium) return report.say(`kiosk: left out (${whyNoChromium})`);
  const browser = await launchChromium();
  const made = fixture({ kioskDir: join(packageRoot, 'kiosk', 'dist') });
  const server = await serveApp(made.app, { host: '127.0.0.1', port: 0, log: silentLog });
  const url = `http://127.0.0.1:${server.port}/?lang=en`;
  const crowd = await Crowd.draw(browser);
  const camera = setInterval(() => made.live.emit(crowd.next()), 1000 / fps);
  try {
    const liveMs = await openAgainAndAgain(browser, url);
    const files = await weigh(browser, url);
    const watched = await watch(browser, url, minutes);
    tell(report, { liveMs, files, watched });
  } finally {
    clearInterval(camera);
    await browser.close();
    await server.stop();
  }
}

/** Each time in a new browser with an empty cache. */
async function openAgainAndAgain(browser: Browser, url: string): Promise<number[]> {
  const times: number[] = [];
  for (let opening = 0; opening < openings; opening += 1) {
    const screen = await KioskScreen.open(browser, url);
    times.push(await screen.liveMs());
    await screen.close();
  }
  return times;
}

/** Gzipped bytes of each file. Fonts are already compressed and count as they are. */
async function weigh(browser: Browser, url: string): Promise<{ name: string; bytes: number }[]> {
  const screen = await KioskScreen.open(browser, url);
  await screen.liveMs();
  const names = [...new Set(await screen.files())];
  await screen.close();
  return Promise.all(
    names.map(async (name) => {
      const bytes = new Uint8Array(await (await fetch(name)).arrayBuffer());
      return { name: new URL(name).pathname, bytes: Math.min(bytes.length, gzipSync(bytes, { level: 9 }).length) };
    }),
  );
}

async function watch(browser: Browser, url: string, minutes: number): Promise<Watched> {
  const screen = await KioskScreen.open(browser, url);
  await screen.liveMs();
  await sleep(settleMs);
  const before = { at: performance.now(), ...(await screen.counters()) };
  // Measure the heap after the page: a garbage collection blocks its main thread.
  const seconds = minutes * 60;
  await sleep(Math.min(seconds, 30) * 1000);
  const after = { at: performance.now(), ...(await screen.counters()) };
  const heap: Point[] = [];
  do {
    heap.push({ x: (performance.now() - before.at) / 60_000, y: await screen.heapMb() });
    await sleep(heapEveryMs);
  } while (performance.now() - before.at < seconds * 1000 || heap.length < 3);
  await screen.close();
  const elapsed = (after.at - before.at) / 1000;
  const pictures = after.pictures - before.pictures;
  return {
    picturesPerSecond: pictures / elapsed,
    longTasks: after.longTasks.slice(before.longTasks.length),
    scriptMsPerPicture: (1000 * (after.scriptSeconds - before.scriptSeconds)) / pictures,
    layoutMsPerPicture: (1000 * (after.layoutSeconds - before.layoutSeconds)) / pictures,
    busyShare: (after.taskSeconds - before.taskSeconds) / elapsed,
    heap,
  };
}

interface Results {
  readonly liveMs: readonly number[];
  readonly files: readonly { readonly name: string; readonly bytes: number }[];
  readonly watched: Watched;
}

function tell(report: Report, { liveMs, files, watched }: Results): void {
  const heap = trendOf(watched.heap);
  const weight = files.reduce((sum, { bytes }) => sum + bytes, 0);
  report.table(
    'The kiosk page in English: its files',
    [...files, { name: 'all', bytes: weight }].map(({ name, bytes }) => ({ file: name, 'kB gzipped': bytes / 1000 })),
  );
  report.table('The kiosk page at 1280x720, eight people, 30 frames/s', [
    {
      'live after ms': median(liveMs),
      'pictures/s': watched.picturesPerSecond,
      'tasks >= 50 ms': watched.longTasks.length,
      'longest ms': Math.max(0, ...watched.longTasks),
      'script ms/picture': watched.scriptMsPerPicture,
      'style+layout ms/picture': watched.layoutMsPerPicture,
      '% of main thread': 100 * watched.busyShare,
      'heap MB': watched.heap.at(-1)!.y,
      'heap MB/min': heap ? `${heap.slope.toFixed(3)} (${heap.low.toFixed(3)} to ${heap.high.toFixed(3)})` : '',
    },
  ]);
  report.targets(targetsOf(weight, liveMs, watched, heap?.low));
  report.json('kiosk', { liveMs, files, ...watched });
}

function targetsOf(weight: number, liveMs: readonly number[], watched: Watched, growth = Number.NaN): Target[] {
  return [
    { what: 'kiosk page, all files', measured: weight / 1000, limit: { most: 120 }, unit: 'kB' },
    { what: 'kiosk page, opened until live', measured: median(liveMs) / 1000, limit: { most: 1 }, unit: 's' },
    { what: 'kiosk page, pictures of 30 shown', measured: watched.picturesPerSecond, limit: { least: 29 }, unit: '/s' },
    { what: 'kiosk page, tasks of 50 ms and more', measured: watched.longTasks.length, limit: { exactly: 0 } },
    // Growth counts only if the lower end of the interval is above zero.
    {
      what: 'kiosk page, heap grows by at least',
      measured: Math.max(0, growth),
      limit: { most: 0.02 },
      unit: 'MB/min',
    },
  ];
}
