import type { Page } from 'playwright-core';
import { expect, inject, test } from 'vitest';
import { deviceStateSchema } from '../../device/contract/state.ts';
import type { DeviceState } from '../../device/core/state.ts';
import { fixture, makeFace } from '../../device/lab/fixtures/http-fixture.ts';
import { condition, openKiosk, setKioskStage, show } from './kiosk-page.ts';
import { outside } from './layout.ts';
import { describeInChromium } from './stage.ts';

/** A reason in the device's own words: in English, and with details that visitors must not see. */
const own = 'Expected sha256 0123abcd at /var/lib/mien/models/a.onnx, got 4567';
const { camera, vision, governor, store, mqtt } = deviceStateSchema.shape;

type Change = Partial<{ readonly [Part in keyof DeviceState]: object }>;

/** Every code of every part, and a fault without a code. */
const faults: ReadonlyArray<readonly [string, Change]> = [
  ...[...camera.shape.code.unwrap().options, undefined].map(
    (code) => [`camera ${code}`, { camera: { state: 'lost', reason: own, code } }] as const,
  ),
  ...[...vision.shape.code.unwrap().options, undefined].map(
    (code) => [`vision ${code}`, { vision: { state: 'running', warning: own, lastRestart: own, code } }] as const,
  ),
  ...[...governor.unwrap().shape.code.unwrap().options, undefined].map(
    (code) => [`governor ${code}`, { governor: { state: 'reduced', fpsLimit: 9, reason: own, code } }] as const,
  ),
  ...[...store.shape.code.unwrap().options, undefined].map(
    (code) => [`store ${code}`, { store: { state: 'failing', reason: own, code } }] as const,
  ),
  ...[...mqtt.shape.code.unwrap().options, undefined].map(
    (code) => [`mqtt ${code}`, { mqtt: { state: 'offline', url: own, reason: own, code } }] as const,
  ),
];

const well = {
  camera: { state: 'online', reason: undefined, code: undefined },
  vision: { state: 'running', warning: undefined, code: undefined },
  governor: { state: 'full', fpsLimit: 30, reason: undefined, code: undefined },
  store: { state: 'ok', reason: undefined, code: undefined },
  mqtt: { state: 'connected', url: undefined, reason: undefined, code: undefined },
} as const;

describeInChromium('faults in words for visitors', () => {
  const stage = setKioskStage();

  test.each(['en', 'de', 'fr', 'es', 'ur'])(
    'in %s each code is a sentence, without the device’s own words',
    async (language) => {
      const made = fixture({ kioskDir: inject('kioskDir') });
      const change = (parts: Change) => {
        for (const [part, fields] of Object.entries(parts)) made.board.update(part as keyof DeviceState, fields);
      };
      change(well);
      const { page } = await openKiosk(stage, made, { search: `?lang=${language}` });
      show(stage, made, [makeFace('happy')]);
      await condition(page, 'live');
      for (const [name, fault] of faults) {
        change(fault);
        await expect.poll(() => faultText(page), { timeout: 20_000, message: name }).toMatch(/\p{L}{3}/u);
        const text = await page.evaluate('document.body.innerText');
        expect(text, name).not.toMatch(/sha256|var\/lib|Expected|undefined/);
        expect(await outside(page), name).toEqual([]);
        change(well);
        await expect.poll(() => faultText(page), { timeout: 20_000, message: `after ${name}` }).toBe('');
      }
    },
  );

  test('without a fault the foot holds the privacy notice and nothing else', async () => {
    const made = fixture({ kioskDir: inject('kioskDir') });
    show(stage, made, []);
    const { page } = await openKiosk(stage, made);
    await condition(page, 'live');
    for (const state of ['disabled', 'connecting', 'connected'] as const) {
      made.board.update('mqtt', { state });
      await page.reload();
      await condition(page, 'live');
      expect(await page.locator('.foot').textContent(), state).toBe(await page.getByTestId('notice').textContent());
    }
  });
});

/** Text on the picture, and the warning in the foot. */
function faultText(page: Page): Promise<string> {
  return page.evaluate(`['[data-testid=condition]', '[data-testid=warning]']
    .map((each) => document.querySelector(each)?.innerText ?? '').join(' ').trim()`);
}
