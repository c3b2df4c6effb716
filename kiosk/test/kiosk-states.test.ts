import type { Page } from 'playwright-core';
import { test } from 'vitest';
import type { Face } from '../../device/core/types.ts';
import { type RunningServer, serveApp } from '../../device/http/server/serve.ts';
import { drawPeople } from '../../device/lab/fixtures/drawn-people.ts';
import { type Fixture, makeReading, silentLog } from '../../device/lab/fixtures/http-fixture.ts';
import { wcagViolations, wcagViolationsOfLook } from './axe.ts';
import { makeDay, now, picture, scenes } from './kiosk-scenes.ts';
import { outside } from './layout.ts';
import { describeInChromium, setStage } from './stage.ts';

interface Screen {
  readonly name: string;
  readonly width: number;
  readonly height: number;
  readonly query: string;
  /** Shows the QR code for phones too. */
  readonly code?: boolean;
  /** Names of the scenes; default: all. */
  readonly scenes?: readonly string[];
  /** The shape of another screen that this one shows enlarged. axe does not check it again. */
  readonly enlarges?: string;
}

const shapes = [
  { shape: '800x480', width: 800, height: 480 },
  { shape: '1080x1920', width: 1080, height: 1920 },
  { shape: '1920x1080', width: 1920, height: 1080, enlarges: '800x480' },
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
  {
    ...{ name: 'dark-3840x2160', width: 3840, height: 2160, query: 'theme=dark&lang=en' },
    ...{ scenes: ['eight'], enlarges: '800x480' },
  },
];

/**
 * Every state of the kiosk page, on screens of three shapes, in the themes and in a language that runs from right to left.
 * Nothing reaches out of its box, axe finds nothing, and each state looks like its reference picture in
 * kiosk/test/reference.
 */
describeInChromium('every state of the kiosk page', () => {
  const pictures = new Map<readonly Face[], Uint8Array>();
  const stage = setStage({
    prepare: async (browser) => {
      const crowds = [...new Set(scenes.map(({ faces }) => faces))];
      const drawn = await drawPeople(
        browser,
        crowds.map((faces) => ({ ...picture, faces })),
      );
      for (const [index, faces] of crowds.entries()) pictures.set(faces, drawn[index]!);
    },
  });

  // Concurrently, because a screen waits for its page for most of the time.
  test.concurrent.for(screens)('$name', { timeout: 600_000 }, async (screen, { expect }) => {
    const made = makeDay(stage.kioskDir, screen.code ? 'https://kiosk.example.org/privacy' : undefined);
    const server = await serveApp(made.app, { host: '127.0.0.1', port: 0, log: silentLog });
    const page = await openPage(server, screen);
    const complaints: string[] = [];
    page.on('pageerror', (error) => complaints.push(error.message));
    const check = async (scene: string) => {
      await settled(page);
      complaints.push(...(await outside(page)).map((what) => `${scene}: ${what} reaches out of its box`));
      const inAxe = screen === screens[0] ? wcagViolations : wcagViolationsOfLook;
      if (!screen.enlarges) complaints.push(...(await inAxe(page)).map((what) => `${scene}: ${what}`));
      const differs = await stage.references.differs(`${screen.name}-${scene}`, page);
      if (differs) complaints.push(differs);
    };
    try {
      for (const scene of scenes.filter(({ name }) => screen.scenes?.includes(name) ?? true)) {
        scene.change?.(made.board);
        if (scene.fresh) await page.reload();
        const send = () => {
          if (!scene.still) emit(made, scene.faces, pictures.get(scene.faces)!);
        };
        send();
        const playing = setInterval(send, 250);
        // Large letters leave no room to show some of them.
        await page.locator(scene.ready).waitFor({ state: 'attached', timeout: 60_000 });
        // The security policy of the page forbids waitForFunction, which evaluates text.
        await expect.poll(() => page.evaluate(chartsFilled), { timeout: 60_000 }).toBe(true);
        await check(scene.name);
        clearInterval(playing);
      }
      if (!screen.scenes) {
        await server.stop();
        await page.locator('[data-condition=gone]').waitFor({ timeout: 60_000 });
        await check('reconnecting');
      }
      expect(complaints).toEqual([]);
    } finally {
      await page.context().close();
      await server.stop();
    }
  });

  /** Stops clock and motion and fixes the time zone, so that two screenshots of a state are equal. */
  async function openPage({ port }: RunningServer, { width, height, query }: Screen): Promise<Page> {
    const context = await stage.browser.newContext({
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
});

function emit({ live }: Fixture, faces: readonly Face[], jpeg: Uint8Array): void {
  // The time is fixed, so that the charts do not depend on the duration of a scene.
  live.emit({ reading: makeReading(0, { ...picture, faces, ts: now, mono: 0 }), jpeg });
}

/** True once the charts show the log and not only the present faces. A chart states its filled columns. */
const chartsFilled = `[...document.querySelectorAll('[data-testid^=chart-]')]
  .every((chart) => chart.dataset.filled > 2 || !chart.checkVisibility())`;

/** Resolves when the fonts are loaded and the page shows the latest state. It redraws every 125 ms. */
async function settled(page: Page): Promise<void> {
  await page.evaluate('document.fonts.ready.then(() => new Promise((resolve) => setTimeout(resolve, 400)))');
}
