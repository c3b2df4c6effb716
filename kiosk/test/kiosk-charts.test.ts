import type { Page } from 'playwright-core';
import { expect, test } from 'vitest';
import { configSchema } from '../../device/config/schema.ts';
import { fixture, makeFace } from '../../device/lab/fixtures/http-fixture.ts';
import { pixel } from './canvas.ts';
import { openKiosk, setKioskStage, show } from './kiosk-page.ts';
import { describeInChromium } from './stage.ts';

const token = 'a-token-of-an-operator-of-32-characters';

describeInChromium('charts and colours of the kiosk page', () => {
  const stage = setKioskStage();
  const { kioskDir } = stage;

  test('the kiosk page and the operator page name the same most frequent expression of the day', async () => {
    const now = new Date(2026, 4, 5, 12, 30).getTime();
    const config = configSchema.parse({ http: { token } });
    const made = fixture({ kioskDir, config, clock: { now: () => now, mono: () => performance.now() } });
    // Half of the samples are uncertain. Of the others half are sad.
    const row = { track: 1, probability: null, probabilities: {}, happyShare: null, score: 1, frames: 25 };
    const labelled = ['uncertain', 'uncertain', 'uncertain', 'uncertain', 'sad', 'sad', 'happy', 'neutral'];
    for (const [at, label] of labelled.entries()) made.samples.push({ ...row, label, ts: now - 9_000_000 + at });
    const { page, server } = await openKiosk(stage, made, {
      startsAt: new Date(now),
      extraHTTPHeaders: { Authorization: `Bearer ${token}` },
    });
    await page.getByTestId('happy-today').getByText('mostly sad').waitFor({ timeout: 60_000 });
    await page.getByTestId('happy-today').getByText('25% looked happy').waitFor();
    await page.goto(`http://127.0.0.1:${server.port}/admin#history`);
    await page.getByTestId('summary').getByText('Sad 50%').waitFor({ timeout: 60_000 });
    await page.getByTestId('happy').getByText('25%').waitFor();
  });

  test('letters under a chart are as high at a pixel ratio of two as at one', async () => {
    const heights: number[] = [];
    for (const deviceScaleFactor of [1, 2]) {
      const made = fixture({ kioskDir });
      const { page } = await openKiosk(stage, made, {
        deviceScaleFactor,
        startsAt: new Date(2026, 4, 5, 22, 0),
      });
      await page.locator('[data-testid=chart-today] canvas').waitFor();
      await page.evaluate('document.fonts.ready.then(() => new Promise((resolve) => setTimeout(resolve, 1200)))');
      heights.push((await lettersHeight(page)) / deviceScaleFactor);
    }
    expect(heights[0]).toBeGreaterThan(7);
    expect(Math.abs(heights[1]! - heights[0]!)).toBeLessThan(2);
  });

  test('columns are higher the more people were seen; a line marks the present moment', async () => {
    const now = new Date(2026, 4, 5, 18, 30).getTime();
    const made = fixture({ kioskDir, clock: { now: () => now, mono: () => performance.now() } });
    const row = {
      track: 1,
      label: 'happy',
      probability: null,
      probabilities: {},
      happyShare: 1,
      score: 1,
      frames: 9,
    };
    for (const [hours, count] of [
      [9, 300],
      [5, 600],
    ] as const)
      for (let second = 0; second < count; second += 1)
        made.samples.push({ ...row, ts: now - hours * 3_600_000 + second * 1000 });
    const { page } = await openKiosk(stage, made, { startsAt: new Date(now) });
    await page.getByTestId('chart-today').and(page.locator('[data-filled="2"]')).waitFor({ timeout: 60_000 });
    const { heights, widest } = await columnsOf(page, 'today', [0xfd, 0xd6, 0x3b]);
    expect(heights).toHaveLength(2);
    expect(heights[1]! / heights[0]!).toBeCloseTo(2, 0);
    expect(widest, 'at half past six in the evening three quarters of the day are over').toBeCloseTo(18.5 / 24, 1);
  });

  test.each([
    ['dark', [0xfd, 0xd6, 0x3b]],
    ['light', [0xc7, 0x75, 0x00]],
    ['contrast', [0xfd, 0xd6, 0x3b]],
  ])('in the theme %s a face has the same colour in picture and headline', async (theme, colour) => {
    const made = fixture({ kioskDir });
    const { page } = await openKiosk(stage, made, { search: `?theme=${theme}` });
    show(stage, made, [makeFace('happy')]);
    await page.locator('[data-testid=dominant][data-label=happy]').waitFor();
    await page.locator('[data-testid=picture][data-labels=happy]').waitFor();
    expect(await pixel(page, 200 / 640, 200 / 480)).toEqual(colour);
    const word = await page.evaluate(`getComputedStyle(document.querySelector('[data-testid=dominant]')).color`);
    expect(word).toBe(`rgb(${colour.join(', ')})`);
  });

  test('says how many people looked happy in the last hour and today', async () => {
    const made = fixture({ kioskDir });
    const now = Date.now();
    // All samples are from today, also shortly after midnight.
    const minutes = Math.min(20, (now - new Date(now).setHours(0, 0, 0, 0)) / 60_000);
    for (const [index, label] of ['happy', 'neutral', 'uncertain', 'uncertain', 'neutral', 'sad'].entries()) {
      const ts = now - (minutes * (index + 1) * 60_000) / 8;
      made.samples.unshift({
        ...{ ts, track: 1, label, probability: null, probabilities: {}, happyShare: null },
        ...{ score: 1, frames: 25 },
      });
    }
    const { page } = await openKiosk(stage, made);
    await page.getByTestId('happy-hour').getByText('25% looked happy').waitFor({ timeout: 60_000 });
    await page.getByTestId('happy-today').getByText('25% looked happy').waitFor({ timeout: 60_000 });
  });
});

/** Height of the letters under the chart of the day, in pixels of its canvas. */
function lettersHeight(page: Page): Promise<number> {
  return page.evaluate(`(() => {
    const canvas = document.querySelector('[data-testid=chart-today] canvas');
    const { data } = canvas.getContext('2d').getImageData(0, 0, canvas.width, canvas.height);
    const rows = [];
    // Only the left part: in the evening the mark of the present moment has its letters at the right.
    for (let y = Math.round(canvas.height * 0.82); y < canvas.height; y += 1) {
      let inked = 0;
      for (let x = 0; x < canvas.width * 0.65; x += 1) if (data[(y * canvas.width + x) * 4 + 3] > 60) inked += 1;
      if (inked > 0) rows.push(y);
    }
    return rows.length === 0 ? 0 : rows.at(-1) - rows[0] + 1;
  })()`);
}

/** Heights of the columns of one colour, and the position of the present moment's line as a share of the width. */
function columnsOf(
  page: Page,
  name: string,
  colour: readonly number[],
): Promise<{ heights: number[]; widest: number }> {
  return page.evaluate(`(() => {
    const canvas = document.querySelector('[data-testid=chart-${name}] canvas');
    const { width, height } = canvas;
    const { data } = canvas.getContext('2d').getImageData(0, 0, width, height);
    const is = (x, y, rgb) => rgb.every((value, at) => Math.abs(data[(y * width + x) * 4 + at] - value) < 3);
    const heightAt = (x, rgb) => [...Array(height).keys()].filter((y) => is(x, y, rgb)).length;
    const heights = [];
    let before = 0, line = 0, highest = 0;
    for (let x = 0; x < width; x += 1) {
      const here = heightAt(x, ${JSON.stringify(colour)});
      if (here > 3 && before <= 3) heights.push(here);
      before = here;
      const white = heightAt(x, [0xf3, 0xef, 0xe6]);
      if (white > highest) [highest, line] = [white, x];
    }
    return { heights, widest: line / width };
  })()`);
}
