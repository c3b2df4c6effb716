import type { Page } from 'playwright-core';
import { expect, test } from 'vitest';
import { configSchema } from '../../device/config/schema.ts';
import { type Fixture, fakeFacts, fixture } from '../../device/lab/fixtures/http-fixture.ts';
import { wcagViolations } from './axe.ts';
import { openSection, sendHappy, setOperatorStage, showHappy, token } from './operator-page.ts';
import { describeInChromium } from './stage.ts';

describeInChromium('the live picture of the operator page', () => {
  const stage = setOperatorStage();
  const note = (page: Page) => page.locator('.picture-note').textContent();
  const canvas = (page: Page) => page.getByTestId('preview');
  /** Sends frames until the page shows one, also on a slow machine. */
  const showUntilLive = async (made: Fixture, page: Page) => {
    const stop = showHappy(stage, made);
    await page.locator('.picture[data-live=true]').waitFor().finally(stop);
  };

  test('shows no face while paused, and no old one afterwards', async () => {
    let paused = false;
    const facts = fakeFacts({ isPaused: () => paused });
    const config = configSchema.parse({ device: { name: 'lobby-1' }, http: { token: token } });
    const made = fixture({ kioskDir: stage.kioskDir, facts, config });
    const { page } = await openSection(stage, 'now', { made });
    await showUntilLive(made, page);
    paused = true;
    made.board.update('camera', { state: 'paused' });
    await page.locator('.picture[data-condition=paused]').waitFor();
    await page.getByRole('heading', { name: 'Paused by an operator' }).waitFor();
    // A frame that was on its way.
    sendHappy(stage, made, 2);
    await page.waitForTimeout(300);
    expect(await canvas(page).isVisible()).toBe(false);
    expect(await note(page)).toBe('Paused. The camera is released.');
    expect(await wcagViolations(page)).toEqual([]);
    expect(await stage.references.differs('now-paused', page)).toBeUndefined();
    paused = false;
    made.board.update('camera', { state: 'online' });
    await page.locator('.picture[data-condition=starting]').waitFor();
    expect(await canvas(page).isVisible()).toBe(false);
    await showUntilLive(made, page);
    expect(await canvas(page).isVisible()).toBe(true);
  });

  test('keeps the shape of the frame, so that boxes lie on faces', async () => {
    const { made, page } = await openSection(stage, 'now');
    await showUntilLive(made, page);
    for (const viewport of [
      { width: 800, height: 480 },
      { width: 1920, height: 1080 },
    ]) {
      await page.setViewportSize(viewport);
      const { width, height } = (await canvas(page).boundingBox())!;
      expect(width / height, `${viewport.width}`).toBeCloseTo(640 / 480, 2);
    }
  });

  test('says why no picture is shown', async () => {
    const { made, page } = await openSection(stage, 'now');
    for (const [condition, states, text] of [
      ['lost', { camera: { state: 'lost', reason: 'No camera' } }, 'No connection to the camera'],
      ['ended', { camera: { state: 'ended' } }, 'The recording has ended'],
      ['restarting', { vision: { state: 'restarting' } }, 'Recognition is restarting'],
      ['stale', {}, 'The camera sends no new picture'],
    ] as const) {
      made.board.update('camera', { state: 'online', reason: undefined });
      made.board.update('vision', { state: 'running' });
      await showUntilLive(made, page);
      for (const [part, state] of Object.entries(states)) made.board.update(part as 'camera', state as object);
      await page.locator(`.picture[data-condition=${condition}]`).waitFor();
      expect([await note(page), await canvas(page).isVisible()]).toEqual([text, false]);
    }
  });
});
