import type { Browser, Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, describe, expect, inject, test } from 'vitest';
import { configSchema } from '../../device/config/schema.ts';
import { uncertainReasons } from '../../device/core/labels.ts';
import type { LiveFrame } from '../../device/core/types.ts';
import { type RunningServer, serveApp } from '../../device/http/server/serve.ts';
import { launchChromium, whyNoChromium } from '../../device/lab/fixtures/chromium.ts';
import {
  type Fixture,
  fixture,
  labels,
  makeFace,
  makeReading,
  silentLog,
} from '../../device/lab/fixtures/http-fixture.ts';
import { outside } from './layout.ts';

/**
 * The kiosk page in the real Chromium, served by the real app. Pictures are real JPEGs: frame n is one even grey, so that a
 * pixel of the canvas tells which frame it shows.
 */
const greys = 16;
const greyOf = (frame: number) => 8 + (frame % greys) * 15;

describe.skipIf(whyNoChromium)(
  `the kiosk page in Chromium${whyNoChromium ? ` (skipped: ${whyNoChromium})` : ''}`,
  // As long as a machine takes that has something else to do; none of what is looked for depends on it.
  { timeout: 240_000 },
  () => {
    const kioskDir = inject('kioskDir');
    let browser: Browser;
    let jpegs: Uint8Array[];
    const release: Array<() => Promise<unknown> | unknown> = [];

    beforeAll(async () => {
      browser = await launchChromium();
      jpegs = await drawGreys(browser);
    }, 240_000);

    afterEach(async () => {
      for (const each of release.splice(0).reverse()) await each();
    });

    afterAll(() => browser?.close());

    async function open(made: Fixture, viewport = { width: 800, height: 480 }, search = '') {
      const server = await serveApp(made.app, { host: '127.0.0.1', port: 0, log: silentLog });
      release.push(() => server.stop());
      const page = await browser.newPage({ viewport });
      release.push(() => page.close());
      const complaints: string[] = [];
      page.on('pageerror', (error) => complaints.push(error.message));
      page.on('console', (message) => {
        // The page's own faults; not Chromium's advice about how this test reads pixels.
        if (message.type() === 'error' || message.text().startsWith('Mien:')) complaints.push(message.text());
      });
      await page.goto(`http://127.0.0.1:${server.port}/${search}`);
      return { page, server, complaints };
    }

    /** Plays frames until stopped; each reading has one happy face unless told otherwise. */
    function play({ live }: Fixture, face = makeFace('happy'), from = 0): { stop: () => void } {
      let frame = from;
      const timer = setInterval(() => {
        const reading = makeReading(frame, { ts: Date.now(), faces: [face] });
        live.emit({ reading, jpeg: jpegs[frame % greys]! } satisfies LiveFrame);
        frame += 1;
      }, 40);
      const stop = () => clearInterval(timer);
      release.push(stop);
      return { stop };
    }

    const condition = (page: Page, kind: string) =>
      page.locator(`[data-testid=kiosk][data-condition=${kind}]`).waitFor({ timeout: 60_000 });

    test('shows the live picture with its box and label, the expression, the chart and the states', async () => {
      const made = fixture({ kioskDir });
      const now = Date.now();
      for (let minute = 20; minute > 0; minute -= 1) {
        const { probabilities, label } = makeFace('neutral');
        const sample = { label, probability: 0.88, probabilities, happyShare: 0, score: 1, frames: 25 };
        made.samples.push({ ts: now - minute * 60_000, track: 1, ...sample });
      }
      made.board.update('mqtt', { state: 'connected' });
      play(made);
      const { page, complaints } = await open(made);
      await condition(page, 'live');

      const canvas = page.getByTestId('picture');
      await until(page, `Number(document.querySelector('[data-testid=picture]').dataset.frame) > 0`);
      const seen = new Set<string>();
      for (let tries = 0; seen.size < 3 && tries < 100; tries += 1) {
        seen.add(String(await pixel(page, 0.03, 0.95)));
        await page.waitForTimeout(50);
      }
      expect(seen.size, 'the picture moves').toBeGreaterThanOrEqual(3);

      expect(await canvas.getAttribute('data-boxes')).toBe('1');
      expect(await canvas.getAttribute('data-labels')).toBe('happy');
      // The box's left edge, and the plate of the label above it, are of the expression's colour.
      expect(await pixel(page, 200 / 640, 200 / 480)).toEqual([0xfd, 0xd6, 0x3b]);
      expect(await pixel(page, (280 - 73) / 640, 97 / 480)).toEqual([0xfd, 0xd6, 0x3b]);

      expect(await page.getByTestId('dominant').textContent()).toBe('Happy');
      expect(await page.getByRole('heading', { level: 1 }).textContent()).toBe('Mien');
      expect(await page.getByTestId('device-name').textContent()).toBe('lobby-1');
      expect(await page.getByTestId('warning').count()).toBe(0);
      expect(await page.getByTestId('notice').textContent()).toContain('No picture is stored');
      await until(page, `Number(document.querySelector('[data-testid=chart-hour]').dataset.filled) >= 12`);
      // What is seen comes into the chart when its column is drawn next.
      let colours = await chartColours(page);
      for (let tries = 0; !colours.happy && tries < 150; tries += 1) {
        await page.waitForTimeout(100);
        colours = await chartColours(page);
      }
      expect(colours, 'the chart has columns of the colours of what was logged and of what is seen').toEqual(
        expect.objectContaining({ neutral: true, happy: true }),
      );
      await page.getByText('Apparent expression: Happy').waitFor({ state: 'attached' });
      expect(complaints).toEqual([]);
    });

    test('a face without a name is called so, with a colour in picture, chart and key, and without a probability', async () => {
      const made = fixture({ kioskDir });
      made.board.update('vision', { uncertain: true });
      const now = Date.now();
      for (let minute = 20; minute > 0; minute -= 1) {
        const { probabilities } = makeFace('uncertain');
        made.samples.push({
          ts: now - minute * 60_000,
          track: 1,
          label: 'uncertain',
          reason: 'ambiguous',
          probability: null,
          probabilities,
          happyShare: null,
          score: 1,
          frames: 25,
        });
      }
      play(made, makeFace('uncertain'));
      const { page, complaints } = await open(made);
      await condition(page, 'live');
      await until(page, `document.querySelector('[data-testid=picture]').dataset.labels === 'uncertain'`);
      const dull = [0x8c, 0x7d, 0x73];
      expect(await pixel(page, 200 / 640, 200 / 480)).toEqual(dull);
      expect(await page.getByTestId('dominant').textContent()).toBe('Not clear');
      const headline = await page.locator('.headline').textContent();
      expect(headline).toContain('It could be more than one expression.');
      expect(headline).not.toContain('%');
      // The bars show between which expressions it is, without figures; the row of the key has none.
      expect(await page.locator('.bars li').allTextContents()).toEqual([
        ...['Neutral', 'Happy', 'Surprised', 'Sad', 'Fearful', 'Disgusted', 'Angry'],
        'Not clear',
      ]);
      await until(page, `Number(document.querySelector('[data-testid=chart-hour]').dataset.filled) >= 12`);
      expect(await chartHas(page, dull)).toBe(true);
      await page.getByText('Apparent expression: not clear. It could be').waitFor({ state: 'attached' });
      expect(await page.getByTestId('happy-hour').textContent(), 'nothing has a name').toBe('');
      expect(complaints).toEqual([]);
    });

    test.each(['en', 'de', 'fr', 'es', 'ur'])(
      'in %s a face without a name says why, in its card too, and never with a figure',
      async (language) => {
        const made = fixture({ kioskDir });
        made.board.update('vision', { uncertain: true });
        const { page, complaints } = await open(made, undefined, `?lang=${language}`);
        const said: string[] = [];
        for (const reason of uncertainReasons) {
          for (const boxes of [[200], [60, 340], [10, 130, 250, 370, 490]]) {
            const faces = boxes.map((x, index) => ({
              ...makeFace('uncertain', { x, y: 120, width: 100, height: 100 }, index + 1, reason),
              // Of which each bar but one would say 0 %.
              probabilities: nothingBut('angry'),
            }));
            const timer = setInterval(
              () => made.live.emit({ reading: makeReading(0, { faces, ts: Date.now() }), jpeg: jpegs[0]! }),
              50,
            );
            const where = boxes.length === 1 ? '.headline' : `.cards[data-count="${boxes.length}"]`;
            await page.locator(`${where} [data-reason=${reason}]`).first().waitFor({ timeout: 60_000 });
            const text = (await page.locator('.label-side').innerText()).replace(/\d+:\d+/, '');
            expect(text, `${reason}, ${boxes.length} faces`).not.toMatch(/\d\s*%|%\s*\d/);
            expect(await outside(page), `${reason}, ${boxes.length} faces`).toEqual([]);
            if (boxes.length === 1) said.push((await page.getByTestId('unnamed').textContent())!);
            clearInterval(timer);
          }
        }
        expect(new Set(said).size, 'each reason in words of its own').toBe(uncertainReasons.length);
        expect(complaints).toEqual([]);
      },
    );

    test('says how many people looked happy in the last hour and today', async () => {
      const made = fixture({ kioskDir });
      const now = Date.now();
      // Since midnight, or in the minutes since then.
      const minutes = Math.min(20, (now - new Date(now).setHours(0, 0, 0, 0)) / 60_000);
      for (const [index, label] of ['happy', 'neutral', 'uncertain', 'uncertain', 'neutral', 'sad'].entries()) {
        const ts = now - (minutes * (index + 1) * 60_000) / 8;
        made.samples.unshift({
          ...{ ts, track: 1, label, probability: null, probabilities: {}, happyShare: null },
          ...{ score: 1, frames: 25 },
        });
      }
      const { page } = await open(made);
      await page.getByTestId('happy-hour').getByText('25% looked happy').waitFor({ timeout: 60_000 });
      await page.getByTestId('happy-today').getByText('25% looked happy').waitFor({ timeout: 60_000 });
    });

    test('picture and overlay are never of different frames', async () => {
      const made = fixture({ kioskDir });
      play(made);
      const { page } = await open(made);
      await condition(page, 'live');
      const pairs = (await page.evaluate(`new Promise((resolve) => {
      const canvas = document.querySelector('[data-testid=picture]');
      const pairs = [];
      const look = () => {
        const [grey] = canvas.getContext('2d').getImageData(5, canvas.height - 5, 1, 1).data;
        pairs.push([Number(canvas.dataset.frame), grey]);
        pairs.length < 90 ? requestAnimationFrame(look) : resolve(pairs);
      };
      look();
    })`)) as Array<[number, number]>;
      expect(new Set(pairs.map(([frame]) => frame)).size).toBeGreaterThan(5);
      for (const [frame, grey] of pairs) expect(Math.abs(grey - greyOf(frame)), `frame ${frame}`).toBeLessThan(5);
    });

    test('says that the picture is stale, that the camera is lost and why, that nobody is there', async () => {
      const made = fixture({ kioskDir });
      const playing = play(made);
      const { page } = await open(made);
      await condition(page, 'live');
      playing.stop();
      await condition(page, 'stale');
      // Frames that were still on their way may come in between.
      const stopped = page
        .getByTestId('condition')
        .filter({ hasText: /^The picture has stopped.* \d+ seconds? old\.$/ });
      await stopped.waitFor({ timeout: 60_000 });
      await page.locator('[data-testid=dominant][data-label=""]').waitFor({ timeout: 60_000 });

      made.board.update('camera', { state: 'lost', reason: 'No camera at /dev/video0.', code: 'camera-missing' });
      made.board.update('vision', { warning: 'Haar cascade in use. Run: npx mien models pull', detector: 'haar' });
      await condition(page, 'lost');
      await page.getByText('The picture returns once the camera is connected.').waitFor();
      await page.getByTestId('warning').filter({ hasText: 'Faces seen from the side are not recognised' }).waitFor();
      expect(await page.locator('body').innerText()).not.toMatch(/video0|models pull/);
      made.board.update('vision', { warning: undefined });
      made.board.update('governor', {
        state: 'reduced',
        fpsLimit: 15,
        temperatureC: 82,
        reason: 'The processor is at 82 °C; give it air',
        code: 'hot',
      });
      await page.getByTestId('warning').filter({ hasText: 'slower until the device has cooled down.' }).waitFor();

      made.board.update('camera', { state: 'online', reason: undefined, code: undefined });
      const empty = setInterval(
        () => made.live.emit({ reading: makeReading(1, { faces: [], ts: Date.now() }), jpeg: jpegs[1]! }),
        40,
      );
      release.push(() => clearInterval(empty));
      await page.getByText('Step in front of the camera').first().waitFor();
      await condition(page, 'live');
      expect(await page.getByTestId('picture').getAttribute('data-boxes')).toBe('0');
    });

    test('survives a restart of the daemon without a reload; reloads for another version', async () => {
      const first = fixture({ kioskDir });
      play(first);
      const { page, server } = await open(first);
      await condition(page, 'live');
      await page.evaluate(`window.loadedOnce = true`);
      await server.stop();
      await condition(page, 'gone');
      expect(await page.getByTestId('warning').count(), 'what it last said of its parts is of no use now').toBe(0);

      const again = await restart(fixture({ kioskDir, bootId: 'boot-2' }), server.port);
      await condition(page, 'live');
      expect(await page.evaluate(`window.loadedOnce`)).toBe(true);
      await again.stop();
      await condition(page, 'gone');

      await restart(fixture({ kioskDir, bootId: 'boot-3', version: '2.0.0' }), server.port);
      await until(page, `window.loadedOnce === undefined`);
      await condition(page, 'live');
    });

    async function restart(made: Fixture, port: number): Promise<RunningServer> {
      const server = await serveApp(made.app, { host: '127.0.0.1', port, log: silentLog });
      release.push(() => server.stop());
      play(made);
      return server;
    }

    test.each([
      { width: 800, height: 480 },
      { width: 1920, height: 1080 },
      { width: 1080, height: 1920 },
    ])(
      'fits $width x $height with one face and with five, and with the longest texts that may be configured',
      async (viewport) => {
        const made = fixture({ kioskDir, config: longestTexts });
        made.board.update('vision', {
          warning: 'Haar cascade in use: faces in profile are missed. Run: npx mien models pull',
          uncertain: true,
        });
        const { page } = await open(made, viewport);
        const boxes = [40, 160, 280, 400, 520].map((x) => ({ x, y: 100, width: 90, height: 90 }));
        for (const [count, label] of [
          [1, 'surprise'],
          [5, 'surprise'],
          [1, 'uncertain'],
          [5, 'uncertain'],
        ] as const) {
          const faces = boxes.slice(0, count).map((box, index) => makeFace(label, box, index + 1));
          const timer = setInterval(
            () => made.live.emit({ reading: makeReading(0, { faces, ts: Date.now() }), jpeg: jpegs[0]! }),
            50,
          );
          const drawn = faces.map(() => label).join(' ');
          await page.locator(`[data-testid=picture][data-labels="${drawn}"]`).waitFor();
          await page.locator(`[data-testid=dominant][data-label="${label}"]`).waitFor();
          await (count === 1 ? page.getByText('one person in view') : page.getByText('nearest of 5 people')).waitFor();
          expect(await outside(page), `${count} faces, ${label}`).toEqual([]);
          clearInterval(timer);
        }
      },
    );
  },
);

function nothingBut(label: string): Record<string, number> {
  return Object.fromEntries(labels.map((each) => [each, each === label ? 1 : 0]));
}

const longestTexts = configSchema.parse({
  device: { name: 'a-device-with-a-name-that-uses-each-of-its-sixty-four-characters' },
  kiosk: {
    title: 'The visitors of the museum of natural history, second floor',
    notice: 'No picture is stored. '.repeat(13),
  },
});

/** A few real JPEGs, drawn and encoded by the browser itself. */
async function drawGreys(browser: Browser): Promise<Uint8Array[]> {
  const page = await browser.newPage();
  const encoded = (await page.evaluate(`[...Array(${greys}).keys()].map((index) => {
    const canvas = Object.assign(document.createElement('canvas'), { width: 640, height: 480 });
    const context = canvas.getContext('2d');
    const grey = 8 + index * 15;
    context.fillStyle = 'rgb(' + grey + ' ' + grey + ' ' + grey + ')';
    context.fillRect(0, 0, 640, 480);
    return canvas.toDataURL('image/jpeg', 0.9).split(',')[1];
  })`)) as string[];
  await page.close();
  return encoded.map((text) => Buffer.from(text, 'base64'));
}

/** Playwright's own waiting evaluates text inside the page, which the page's security policy rightly forbids. */
async function until(page: Page, condition: string): Promise<void> {
  for (let tries = 0; tries < 1200; tries += 1) {
    // While the page reloads there is nothing to ask.
    if (await page.evaluate(condition).catch(() => false)) return;
    await page.waitForTimeout(50);
  }
  throw new Error(`waited a minute in vain: ${condition}`);
}

/** Colour of the picture's canvas at a place given in parts of its size. */
function pixel(page: Page, x: number, y: number): Promise<number[]> {
  return page.evaluate(`(() => {
    const canvas = document.querySelector('[data-testid=picture]');
    const at = [Math.round(${x} * canvas.width), Math.round(${y} * canvas.height)];
    return [...canvas.getContext('2d').getImageData(at[0], at[1], 1, 1).data].slice(0, 3);
  })()`);
}

async function chartColours(page: Page): Promise<Record<string, boolean>> {
  return {
    neutral: await chartHas(page, [0xad, 0xae, 0xad]),
    happy: await chartHas(page, [0xfd, 0xd6, 0x3b]),
  };
}

/** Whether anything in the chart is of this colour. */
function chartHas(page: Page, colour: readonly number[]): Promise<boolean> {
  return page.evaluate(`(() => {
    const canvas = document.querySelector('.plot canvas');
    const { data } = canvas.getContext('2d').getImageData(0, 0, canvas.width, canvas.height);
    const [r, g, b] = ${JSON.stringify(colour)};
    for (let at = 0; at < data.length; at += 4) if (data[at] === r && data[at + 1] === g && data[at + 2] === b) return true;
    return false;
  })()`);
}
