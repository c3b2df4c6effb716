import type { Page } from 'playwright-core';
import { describe, expect, inject, test } from 'vitest';
import { LiveConfig } from '../../device/config/live.ts';
import { type ConfigInput, configSchema } from '../../device/config/schema.ts';
import { whyNoChromium } from '../../device/lab/fixtures/chromium.ts';
import { type Fixture, fixture, makeFace } from '../../device/lab/fixtures/http-fixture.ts';
import { type OpenOptions, openKiosk, setStage, show } from './kiosk-page.ts';

const minute = 60_000;

/** What spares a screen that shows the page for years, by a clock that the test moves. */
describe.skipIf(whyNoChromium)(
  `the kiosk page dims and moves${whyNoChromium ? ` (skipped: ${whyNoChromium})` : ''}`,
  { timeout: 120_000 },
  () => {
    const stage = setStage();

    async function open(kiosk: ConfigInput['kiosk'], options: OpenOptions) {
      const settings = new LiveConfig(configSchema.parse({ kiosk }));
      const made = fixture({ settings, kioskDir: inject('kioskDir') });
      const opened = await openKiosk(stage, made, { timezoneId: 'Europe/Berlin', ...options });
      const leave = show(stage, made, []);
      await live(opened.page);
      return { ...opened, made, settings, leave };
    }

    const live = (page: Page) => page.locator('[data-condition=live]').waitFor({ timeout: 60_000 });
    const dimmed = (page: Page) => page.getByTestId('screen').getAttribute('data-dimmed');
    const isDimmed = (page: Page) => expect.poll(() => dimmed(page), { timeout: 20_000 }).toBe('true');

    /** Somebody steps in front of the camera. */
    async function arrive(page: Page, made: Fixture, leave: () => void) {
      leave();
      const goes = show(stage, made, [makeFace('happy')]);
      await page.locator('[data-testid=dominant][data-label=happy]').waitFor({ timeout: 60_000 });
      expect(await dimmed(page)).toBeNull();
      return goes;
    }

    test('after minutes without anybody; whoever comes has it bright at once', async () => {
      const { page, made, leave } = await open(
        { dimAfterMinutes: 5, nightBrightness: 0.2 },
        { startsAt: new Date('2026-05-05T12:00:00+02:00') },
      );
      await page.clock.fastForward(4.5 * minute);
      await page.waitForTimeout(1200);
      expect(await dimmed(page)).toBeNull();
      await page.clock.fastForward(minute);
      await isDimmed(page);
      await expect.poll(() => veil(page), { timeout: 20_000 }).toBe(0.8);
      const goes = await arrive(page, made, leave);
      expect(await veil(page)).toBe(0);
      goes();
    });

    test('by night, by the clock of the screen; a key wakes it too, and a setting holds from the next second on', async () => {
      const { page, made, settings, leave } = await open(
        { dimAfterMinutes: 0, night: '22:00-06:00' },
        { startsAt: new Date('2026-05-05T21:58:00+02:00') },
      );
      await page.clock.fastForward(minute);
      await page.waitForTimeout(1200);
      expect(await dimmed(page)).toBeNull();
      await page.clock.fastForward(1.5 * minute);
      await isDimmed(page);
      await page.keyboard.press('Shift');
      expect(await dimmed(page)).toBeNull();
      await page.clock.fastForward(minute);
      await isDimmed(page);
      (await arrive(page, made, leave))();
      // The last pictures may still be on their way.
      const aMinuteLater = async () => {
        await page.clock.fastForward(minute);
        await page.waitForTimeout(1200);
        return dimmed(page);
      };
      await expect.poll(aMinuteLater, { timeout: 30_000 }).toBe('true');
      settings.change({ kiosk: { night: '' } });
      await page.clock.fastForward(minute);
      await expect.poll(() => dimmed(page), { timeout: 20_000 }).toBeNull();
    });

    test('it moves every few minutes, and nothing is clipped', async () => {
      const { page } = await open({ dimAfterMinutes: 0 }, { startsAt: new Date('2026-05-05T12:00:00+02:00') });
      const places = new Set<string>();
      for (let turn = 0; turn < 14; turn += 1) {
        await page.waitForTimeout(1200);
        places.add(await place(page));
        expect(await clipped(page)).toEqual([]);
        await page.clock.fastForward(3 * minute);
        await live(page);
      }
      expect(places.size).toBeGreaterThan(8);
      for (const each of places) expect(each).toMatch(/^(none|-?[012]px( -?[012]px)?)$/);
    });

    test.each<[string, ConfigInput['kiosk'], OpenOptions]>([
      ['the system asks for less motion', {}, { reducedMotion: 'reduce' }],
      ['it is switched off', { pixelShift: false }, {}],
    ])('it stays where it is where %s', async (_why, kiosk, options) => {
      const { page } = await open(
        { dimAfterMinutes: 0, ...kiosk },
        { startsAt: new Date('2026-05-05T12:00:00+02:00'), ...options },
      );
      await page.clock.fastForward(20 * minute);
      await page.waitForTimeout(1500);
      expect(await place(page)).toBe('none');
    });
  },
);

function place(page: Page): Promise<string> {
  return page.evaluate(`getComputedStyle(document.querySelector('.screen')).translate`);
}

/** What reaches over the edge of the screen. */
function clipped(page: Page): Promise<string[]> {
  return page.evaluate(`[...document.querySelectorAll('main *')]
    .filter((element) => !element.closest('.unseen'))
    .filter((element) => {
      const { top, left, right, bottom, width } = element.getBoundingClientRect();
      return width > 2 && (top < 0 || left < 0 || right > innerWidth || bottom > innerHeight);
    })
    .map((element) => element.tagName + '.' + element.className)`);
}

/** How much of the page the veil hides, 0..1. */
function veil(page: Page): Promise<number> {
  return page.evaluate(`Number(getComputedStyle(document.querySelector('.screen'), '::after').opacity)`);
}
