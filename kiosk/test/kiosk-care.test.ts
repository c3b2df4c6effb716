import type { Page } from 'playwright-core';
import { expect, inject, test } from 'vitest';
import { LiveConfig } from '../../device/config/live.ts';
import { type ConfigInput, configSchema } from '../../device/config/schema.ts';
import { type Fixture, fixture, makeFace } from '../../device/lab/fixtures/http-fixture.ts';
import { condition, type OpenOptions, openKiosk, setKioskStage, show } from './kiosk-page.ts';
import { describeInChromium } from './stage.ts';

const minute = 60_000;

/** Dimming and pixel shift of a screen that shows the page for years, by a clock that the test moves. */
describeInChromium('the kiosk page dims and moves', () => {
  const stage = setKioskStage();

  async function open(kiosk: ConfigInput['kiosk'], startsAt: string, options: OpenOptions = {}) {
    const settings = new LiveConfig(configSchema.parse({ kiosk }));
    const made = fixture({ settings, kioskDir: inject('kioskDir') });
    const context = { timezoneId: 'Europe/Berlin', startsAt: new Date(`2026-05-05T${startsAt}:00+02:00`), ...options };
    const opened = await openKiosk(stage, made, context);
    const leave = show(stage, made, []);
    await condition(opened.page, 'live');
    return { ...opened, made, settings, leave };
  }

  const light = async (page: Page) => (await page.getByTestId('screen').getAttribute('data-light')) ?? 'full';
  const becomes = (page: Page, expected: string) => expect.poll(() => light(page), { timeout: 20_000 }).toBe(expected);

  /** Shows a face. Returns the function that removes it. */
  async function arrive(page: Page, made: Fixture, leave: () => void) {
    leave();
    const goes = show(stage, made, [makeFace('happy')]);
    await page.locator('[data-testid=dominant][data-label=happy]').waitFor({ timeout: 60_000 });
    expect(await light(page)).toBe('full');
    return goes;
  }

  test('dims after minutes without a face, and is bright at once when one comes', async () => {
    const { page, made, leave } = await open({ dimAfterMinutes: 5, nightBrightness: 0.2 }, '12:00');
    await advance(page, 4.5 * minute);
    expect(await light(page)).toBe('full');
    await advance(page, minute);
    await becomes(page, 'dimmed');
    await expect.poll(() => veil(page), { timeout: 20_000 }).toBe(0.8);
    const goes = await arrive(page, made, leave);
    expect(await veil(page)).toBe(0);
    goes();
  });

  test('dims by night by the clock of the screen; a key wakes it; a setting takes effect within a second', async () => {
    const { page, made, settings, leave } = await open({ dimAfterMinutes: 0, night: '22:00-06:00' }, '21:58');
    await advance(page, minute);
    expect(await light(page)).toBe('full');
    await advance(page, 1.5 * minute);
    await becomes(page, 'dimmed');
    await page.keyboard.press('Shift');
    expect(await light(page)).toBe('full');
    await advance(page, minute);
    await becomes(page, 'dimmed');
    (await arrive(page, made, leave))();
    // The last frames with a face may still be on their way.
    const aMinuteLater = async () => {
      await advance(page, minute);
      return light(page);
    };
    await expect.poll(aMinuteLater, { timeout: 30_000 }).toBe('dimmed');
    settings.change({ kiosk: { night: '' } });
    await expect.poll(aMinuteLater, { timeout: 20_000 }).toBe('full');
  });

  test('is black after more minutes, and tells the device at once, also when a person comes', async () => {
    const { page, made, leave } = await open({ dimAfterMinutes: 5, offAfterMinutes: 20 }, '12:00');
    await advance(page, 6 * minute);
    await becomes(page, 'dimmed');
    await advance(page, 15 * minute);
    await becomes(page, 'off');
    await expect.poll(() => veil(page), { timeout: 20_000 }).toBe(1);
    await toldDevice(made, 'off');
    const goes = await arrive(page, made, leave);
    expect(await veil(page)).toBe(0);
    await toldDevice(made, 'full');
    goes();
  });

  test('is black at night where the setting says so; with a fault by day it shows the fault', async () => {
    const { page, made, settings, leave } = await open({ night: '22:00-06:00', offAtNight: true }, '21:58');
    await advance(page, 3 * minute);
    await becomes(page, 'off');
    settings.change({ kiosk: { offAtNight: false, offAfterMinutes: 1 } });
    made.board.update('camera', { state: 'lost', code: 'camera-missing' });
    leave();
    await condition(page, 'lost');
    await advance(page, 3 * minute);
    await becomes(page, 'dimmed');
  });

  test('moves every few minutes, and nothing is clipped', async () => {
    const { page } = await open({ dimAfterMinutes: 0 }, '12:00');
    const places = new Set<string>();
    for (let turn = 0; turn < 14; turn += 1) {
      places.add(await place(page));
      expect(await clipped(page)).toEqual([]);
      await advance(page, 3 * minute);
      await condition(page, 'live');
    }
    expect(places.size).toBeGreaterThan(8);
    for (const each of places) expect(each).toMatch(/^(none|-?[012]px( -?[012]px)?)$/);
  });

  test.each<[string, ConfigInput['kiosk'], OpenOptions]>([
    ['the system asks for less motion', {}, { reducedMotion: 'reduce' }],
    ['pixel shift is switched off', { pixelShift: false }, {}],
  ])('stays where it is where %s', async (_why, kiosk, options) => {
    const { page } = await open({ dimAfterMinutes: 0, ...kiosk }, '12:00', options);
    await advance(page, 20 * minute);
    expect(await place(page)).toBe('none');
  });
});

/** Advances the page's clock, then runs its timers for 1 s: the page checks dimming and shift once a second. */
async function advance(page: Page, ms: number): Promise<void> {
  await page.clock.fastForward(ms);
  await page.clock.runFor(1000);
}

/** The page sends the beat once it has painted a frame, so its clock must go on. */
async function toldDevice(made: Fixture, expected: string): Promise<void> {
  const told = async () => {
    const state = (await (await made.app.request('/api/v1/state')).json()) as { screen?: { light?: string } };
    return state.screen?.light;
  };
  await expect.poll(told, { timeout: 20_000 }).toBe(expected);
}

function place(page: Page): Promise<string> {
  return page.evaluate(`getComputedStyle(document.querySelector('.screen')).translate`);
}

/** Elements that reach over the edge of the screen. */
function clipped(page: Page): Promise<string[]> {
  return page.evaluate(`[...document.querySelectorAll('main *')]
    .filter((element) => !element.closest('.unseen'))
    .filter((element) => {
      const { top, left, right, bottom, width } = element.getBoundingClientRect();
      return width > 2 && (top < 0 || left < 0 || right > innerWidth || bottom > innerHeight);
    })
    .map((element) => element.tagName + '.' + element.className)`);
}

/** Opacity of the veil over the page, 0..1. */
function veil(page: Page): Promise<number> {
  return page.evaluate(`Number(getComputedStyle(document.querySelector('.screen'), '::after').opacity)`);
}
