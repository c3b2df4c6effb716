import type { BrowserContextOptions, Page } from 'playwright-core';
import type { Face } from '../../device/core/types.ts';
import { type RunningServer, serveApp } from '../../device/http/server/serve.ts';
import { drawPeople } from '../../device/lab/fixtures/drawn-people.ts';
import { type Fixture, makeReading, silentLog } from '../../device/lab/fixtures/http-fixture.ts';
import { type Stage, setStage } from './stage.ts';

export interface KioskStage extends Stage {
  /** A picture without a face, 640x480. */
  jpeg: Uint8Array;
}

/** For tests that show faces over a picture of an empty room. */
export function setKioskStage(): KioskStage {
  const stage = setStage({
    prepare: async (browser) => {
      [stage.jpeg] = (await drawPeople(browser, [{ width: 640, height: 480, faces: [] }])) as [Uint8Array];
    },
  }) as KioskStage;
  return stage;
}

export interface Opened {
  readonly page: Page;
  readonly server: RunningServer;
  /** Errors of the page, and its own warnings. */
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
  page.on('console', (message) => {
    // The page's own faults; not Chromium's advice about how a test reads pixels.
    if (message.type() === 'error' || message.text().startsWith('Mien:')) complaints.push(message.text());
  });
  if (startsAt) await page.clock.install({ time: startsAt });
  await page.goto(`http://127.0.0.1:${server.port}/${search}`);
  return { page, server, complaints };
}

/** Sends frames with these faces, often enough for a live picture. Returns the function that stops them. */
export function show({ jpeg, release }: KioskStage, { live }: Fixture, faces: readonly Face[]): () => void {
  const send = () => live.emit({ reading: makeReading(0, { faces, ts: Date.now(), mono: performance.now() }), jpeg });
  send();
  const timer = setInterval(send, 200);
  const stop = () => clearInterval(timer);
  release.push(stop);
  return stop;
}

/** Waits until the page reports this condition of its picture. */
export function condition(page: Page, kind: string): Promise<void> {
  return page.locator(`[data-testid=kiosk][data-condition=${kind}]`).waitFor({ timeout: 60_000 });
}
