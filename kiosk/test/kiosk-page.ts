import type { Browser, BrowserContextOptions, Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll } from 'vitest';
import type { Face } from '../../device/core/types.ts';
import { type RunningServer, serveApp } from '../../device/http/server/serve.ts';
import { launchChromium } from '../../device/lab/fixtures/chromium.ts';
import { drawPeople } from '../../device/lab/fixtures/drawn-people.ts';
import { type Fixture, makeReading, silentLog } from '../../device/lab/fixtures/http-fixture.ts';

/** Called after the test, last one first. */
type Release = Array<() => Promise<unknown> | unknown>;

/** What the tests of a file share; the fields are there once the tests run. */
export interface Stage {
  browser: Browser;
  /** A picture without a face, 640x480. */
  jpeg: Uint8Array;
  readonly release: Release;
}

/** A browser for the tests of a `describe`, and what is to be undone after each of them. */
export function setStage(): Stage {
  const stage = { release: [] as Release } as Stage;
  beforeAll(async () => {
    stage.browser = await launchChromium();
    [stage.jpeg] = (await drawPeople(stage.browser, [{ width: 640, height: 480, faces: [] }])) as [Uint8Array];
  }, 120_000);
  afterEach(async () => {
    for (const each of stage.release.splice(0).reverse()) await each();
  });
  afterAll(() => stage.browser?.close());
  return stage;
}

export interface Opened {
  readonly page: Page;
  readonly server: RunningServer;
  /** What the page complains of. */
  readonly complaints: string[];
}

export interface OpenOptions extends BrowserContextOptions {
  readonly search?: string;
  /** The page's clock starts here, and can be moved. */
  readonly startsAt?: Date;
}

/** Opens the kiosk page of an app in a browser context of its own. */
export async function openKiosk(
  { browser, release }: Stage,
  { app }: Pick<Fixture, 'app'>,
  { search = '', startsAt, ...context }: OpenOptions = {},
): Promise<Opened> {
  const server = await serveApp(app, { host: '127.0.0.1', port: 0, log: silentLog });
  release.push(() => server.stop());
  const opened = await browser.newContext({ viewport: { width: 800, height: 480 }, ...context });
  release.push(() => opened.close());
  const page = await opened.newPage();
  const complaints: string[] = [];
  page.on('pageerror', (error) => complaints.push(error.message));
  if (startsAt) await page.clock.install({ time: startsAt });
  await page.goto(`http://127.0.0.1:${server.port}/${search}`);
  return { page, server, complaints };
}

/** Sends the same faces again and again until called. */
export function show({ jpeg, release }: Stage, { live }: Fixture, faces: readonly Face[]): () => void {
  const send = () => live.emit({ reading: makeReading(0, { faces, ts: Date.now(), mono: performance.now() }), jpeg });
  const timer = setInterval(send, 50);
  const stop = () => clearInterval(timer);
  release.push(stop);
  return stop;
}
