import type { Page } from 'playwright-core';
import { expect, test } from 'vitest';
import { type RunningServer, serveApp } from '../../device/http/server/serve.ts';
import { type Fixture, fixture, makeFace, makeReading, silentLog } from '../../device/lab/fixtures/http-fixture.ts';
import { chartHas, pixel } from './canvas.ts';
import { drawGreys, greyOf, playGreys } from './grey-frames.ts';
import { condition, openKiosk } from './kiosk-page.ts';
import { describeInChromium, setStage } from './stage.ts';
import { until } from './until.ts';

describeInChromium('the live picture of the kiosk page', () => {
  let jpegs: readonly Uint8Array[];
  const stage = setStage({
    prepare: async (browser) => {
      jpegs = await drawGreys(browser);
    },
  });
  const { kioskDir, release } = stage;

  test('shows the live picture with its box and label, the expression, the chart and the states', async () => {
    const made = fixture({ kioskDir });
    const now = Date.now();
    for (let minute = 20; minute > 0; minute -= 1) {
      const { probabilities, label } = makeFace('neutral');
      const sample = { label, probability: 0.88, probabilities, happyShare: 0, score: 1, frames: 25 };
      made.samples.push({ ts: now - minute * 60_000, track: 1, ...sample });
    }
    made.board.update('mqtt', { state: 'connected' });
    playGreys(stage, made, jpegs);
    const { page, complaints } = await openKiosk(stage, made);
    await condition(page, 'live');

    const canvas = page.getByTestId('picture');
    await until(page, `Number(document.querySelector('[data-testid=picture]').dataset.frame) > 0`);
    const seen = new Set<string>();
    const countGreys = async () => seen.add(String(await pixel(page, 0.03, 0.95))).size;
    await expect.poll(countGreys, { timeout: 20_000, message: 'the picture moves' }).toBeGreaterThanOrEqual(3);

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
    // A new sample is in the chart from the next redraw on.
    await expect
      .poll(() => chartColours(page), { timeout: 20_000, message: 'colours of the log and of the live samples' })
      .toEqual({ neutral: true, happy: true });
    await page.getByText('Apparent expression: Happy').waitFor({ state: 'attached' });
    expect(complaints).toEqual([]);
  });

  test('picture and overlay always belong to the same frame', async () => {
    const made = fixture({ kioskDir });
    playGreys(stage, made, jpegs);
    const { page } = await openKiosk(stage, made);
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

  test('says that the picture is stale, that the camera is lost and why, that nobody is in view', async () => {
    const made = fixture({ kioskDir });
    const playing = playGreys(stage, made, jpegs);
    const { page } = await openKiosk(stage, made);
    await condition(page, 'live');
    playing.stop();
    await condition(page, 'stale');
    // Frames that were still on their way may come in between.
    const stopped = page.getByTestId('condition').filter({ hasText: /^The picture has stopped.* \d+ seconds? old\.$/ });
    await stopped.waitFor({ timeout: 60_000 });
    await page.locator('[data-testid=dominant][data-label=""]').waitFor({ timeout: 60_000 });

    made.board.update('camera', { state: 'lost', reason: 'No camera at /dev/video0.', code: 'camera-missing' });
    made.board.update('vision', { warning: 'Haar cascade in use. Run: npx mien models pull', detector: 'haar' });
    await condition(page, 'lost');
    await page.getByText('The picture returns once the camera is connected.').waitFor();
    await page.getByTestId('warning').filter({ hasText: 'Faces seen from the side are not recognised' }).waitFor();
    expect(await page.locator('body').textContent()).not.toMatch(/video0|models pull/);
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
      100,
    );
    release.push(() => clearInterval(empty));
    await page.getByText('Step in front of the camera').first().waitFor();
    await condition(page, 'live');
    expect(await page.getByTestId('picture').getAttribute('data-boxes')).toBe('0');
  });

  test('survives a restart of the daemon without a reload; reloads for another version', async () => {
    const first = fixture({ kioskDir });
    playGreys(stage, first, jpegs);
    const { page, server } = await openKiosk(stage, first);
    await condition(page, 'live');
    await page.evaluate(`window.loadedOnce = true`);
    await server.stop();
    await condition(page, 'gone');
    expect(await page.getByTestId('warning').count(), 'warnings of a daemon that has gone are outdated').toBe(0);

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
    playGreys(stage, made, jpegs);
    return server;
  }
});

async function chartColours(page: Page): Promise<Record<string, boolean>> {
  return {
    neutral: await chartHas(page, [0xad, 0xae, 0xad]),
    happy: await chartHas(page, [0xfd, 0xd6, 0x3b]),
  };
}
