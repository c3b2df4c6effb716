import { expect, test } from 'vitest';
import { uncertainReasons } from '../../device/core/labels.ts';
import { fixture, labels, makeFace } from '../../device/lab/fixtures/http-fixture.ts';
import { chartHas, pixel } from './canvas.ts';
import { condition, openKiosk, setKioskStage, show } from './kiosk-page.ts';
import { outside } from './layout.ts';
import { describeInChromium } from './stage.ts';
import { until } from './until.ts';

describeInChromium('a face without a name on the kiosk page', () => {
  const stage = setKioskStage();
  const { kioskDir } = stage;

  test('has its own colour in picture, chart and key, and no probability', async () => {
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
    show(stage, made, [makeFace('uncertain')]);
    const { page, complaints } = await openKiosk(stage, made);
    await condition(page, 'live');
    await until(page, `document.querySelector('[data-testid=picture]').dataset.labels === 'uncertain'`);
    const dull = [0x8c, 0x7d, 0x73];
    expect(await pixel(page, 200 / 640, 200 / 480)).toEqual(dull);
    expect(await page.getByTestId('dominant').textContent()).toBe('Not clear');
    const headline = await page.locator('.headline').textContent();
    expect(headline).toContain('It could be more than one expression.');
    expect(headline).not.toContain('%');
    // The bars of the expressions have no figures. The row of `uncertain` is only part of the key.
    expect(await page.locator('.bars li').allTextContents()).toEqual([
      ...['Neutral', 'Happy', 'Surprised', 'Sad', 'Fearful', 'Disgusted', 'Angry'],
      'Not clear',
    ]);
    await until(page, `Number(document.querySelector('[data-testid=chart-hour]').dataset.filled) >= 12`);
    expect(await chartHas(page, dull)).toBe(true);
    await page.getByText('Apparent expression: not clear. It could be').waitFor({ state: 'attached' });
    expect(await page.getByTestId('happy-hour').textContent(), 'no share of happy without named faces').toBe('');
    expect(complaints).toEqual([]);
  });

  test.each(['en', 'de', 'fr', 'es', 'ur'])(
    'in %s its reason stands in headline and card, without a figure',
    async (language) => {
      const made = fixture({ kioskDir });
      made.board.update('vision', { uncertain: true });
      const { page, complaints } = await openKiosk(stage, made, { search: `?lang=${language}` });
      const reasons: string[] = [];
      for (const reason of uncertainReasons) {
        for (const boxes of [[200], [60, 340], [10, 130, 250, 370, 490]]) {
          const faces = boxes.map((x, index) => ({
            ...makeFace('uncertain', { x, y: 120, width: 100, height: 100 }, index + 1, reason),
            // As figures, all bars but one would read 0 %.
            probabilities: certainlyAngry,
          }));
          const stop = show(stage, made, faces);
          const where = boxes.length === 1 ? '.headline' : `.cards[data-count="${boxes.length}"]`;
          await page.locator(`${where} [data-reason=${reason}]`).first().waitFor({ timeout: 60_000 });
          const text = (await page.locator('.label-side').textContent())!.replace(/\d+:\d+/, '');
          expect(text, `${reason}, ${boxes.length} faces`).not.toMatch(/\d\s*%|%\s*\d/);
          expect(await outside(page), `${reason}, ${boxes.length} faces`).toEqual([]);
          if (boxes.length === 1) reasons.push((await page.getByTestId('unnamed').textContent())!);
          stop();
        }
      }
      expect(new Set(reasons).size, 'each reason has its own words').toBe(uncertainReasons.length);
      expect(complaints).toEqual([]);
    },
  );
});

const certainlyAngry = Object.fromEntries(labels.map((label) => [label, label === 'angry' ? 1 : 0]));
