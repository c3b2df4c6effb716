import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Page } from 'playwright-core';
import { afterAll, expect, test } from 'vitest';
import { LiveConfig } from '../../device/config/live.ts';
import { openOverrides } from '../../device/config/overrides.ts';
import { configSchema } from '../../device/config/schema.ts';
import { eventually, fixture, silentLog } from '../../device/lab/fixtures/http-fixture.ts';
import { wcagViolations } from './axe.ts';
import * as answers from './operator-answers.ts';
import { type Opened, openSection, token } from './operator-page.ts';
import { describeInChromium, setStage } from './stage.ts';
import { until } from './until.ts';

describeInChromium('the settings of the operator page', () => {
  const stage = setStage({ pictures: 'admin' });
  const folder = mkdtempSync(join(tmpdir(), 'mien-settings-'));
  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  /** The page of a device that has just started, with the overrides in the folder. */
  function start(query = '', camera = { fps: 30 }): Promise<Opened> {
    const config = configSchema.parse({ device: { name: 'lobby-1' }, http: { token }, camera });
    const settings = new LiveConfig(config, openOverrides(folder, silentLog));
    const made = fixture({ kioskDir: stage.kioskDir, config, settings });
    return openSection(stage, 'settings', { made, answers: { '/settings': 'as it is' } }, query);
  }

  const result = (page: Page) => page.getByTestId('settings-result');

  test('a setting survives a restart, and can be reset alone or with all others', async () => {
    const first = await start();
    const rate = (page: Page) => page.getByRole('textbox', { name: 'Frame rate', exact: true });
    await rate(first.page).pressSequentially('x');
    await rate(first.page).fill('');
    await rate(first.page).pressSequentially('12.5');
    await first.page.getByRole('textbox', { name: 'Title of the kiosk page' }).fill('Lobby');
    await first.page.getByRole('button', { name: 'Apply' }).click();
    await result(first.page).getByText('Applied. In effect now.').waitFor();
    await first.close();

    const { page } = await start('', { fps: 20 });
    expect(await rate(page).inputValue()).toBe('12.5');
    await page.getByTestId('camera.fps').getByText('Set here. The configuration says 20.').waitFor();
    await page.getByText('title: Lobby').waitFor();
    expect(await wcagViolations(page)).toEqual([]);
    await page.getByRole('button', { name: 'Reset all' }).scrollIntoViewIfNeeded();
    await page.locator('.loading').first().waitFor({ state: 'detached' });
    expect(await stage.references.differs('settings-overrides', page)).toBeUndefined();
    await page.getByRole('button', { name: 'Reset: Frame rate', exact: true }).click();
    await result(page).getByText('Reset to the configuration.').waitFor();
    await page.getByRole('button', { name: 'Reset: Frame rate', exact: true }).waitFor({ state: 'detached' });
    expect(await rate(page).inputValue()).toBe('20');
    await page.getByRole('button', { name: 'Reset all' }).click();
    await page.getByRole('button', { name: 'Reset all' }).waitFor({ state: 'detached' });
    expect(await page.getByRole('textbox', { name: 'Title of the kiosk page' }).inputValue()).toBe('Mien');
  });

  test('an override that is invalid or unreadable is named, and can be dropped', async () => {
    writeFileSync(join(folder, 'overrides.json'), '{"camera.fps": 500}');
    const { page } = await start();
    await page.getByTestId('ignored').getByText('got 500').waitFor();
    await page.getByRole('button', { name: 'Reset: camera.fps' }).click();
    await page.getByTestId('ignored').waitFor({ state: 'detached' });
    writeFileSync(join(folder, 'overrides.json'), '{"camera.fps');
    const broken = await start();
    await broken.page.getByTestId('overrides-fault').getByText('It is kept as').waitFor();
  });

  test('a setting that cannot be stored says that it ends with a restart', async () => {
    const settings = {
      ...answers.settings,
      ...{ changed: ['camera.fps'], yaml: 'camera:\n  fps: 12\n' },
      overrides: {
        isKept: false,
        fault: 'overrides.json cannot be written (EROFS: read-only file system)',
        ignored: [],
      },
    };
    const { page } = await openSection(stage, 'settings', { answers: { '/settings': settings } }, 'lang=de');
    const notice = page.getByTestId('overrides-fault');
    await notice.getByText('nur bis zum nächsten Neustart').waitFor();
    await notice.getByText('EROFS').waitFor();
    expect(await wcagViolations(page)).toEqual([]);
  });

  test.each([
    ['en', '500', 'Between 0.1 and 120 frames per second'],
    ['de', '500', 'Erlaubt: 0,1 bis 120 Bilder pro Sekunde'],
    ['fr', '500', 'Entre 0,1 et 120 images par seconde'],
    ['es', '0,05', 'Entre 0,1 y 120 imágenes por segundo'],
    ['ur', '500', '0.1 سے 120 فریم فی سیکنڈ'],
  ])('in %s a refused value is answered with its bounds and unit', async (lang, value, expected) => {
    const { page } = await start(`lang=${lang}`);
    const field = page.locator('#setting-camera-fps');
    await field.fill(value);
    await field.press('Enter');
    await page.locator('#setting-camera-fps-error').waitFor();
    expect(await page.locator('#setting-camera-fps-error').textContent()).toBe(expected);
    if (lang === 'en') return;
    await field.fill('0.5'.replace('.', lang === 'ur' ? '.' : ','));
    await field.press('Enter');
    await page.locator('#setting-camera-fps-error').waitFor({ state: 'detached' });
    expect(await page.locator('.setting .hint [lang=en]').count()).toBe(0);
    await page.locator('[data-testid="camera.fps"] button').click();
    await page.locator('[data-testid="camera.fps"] button').waitFor({ state: 'detached' });
  });

  test('an error stands beside its field, which gets the focus', async () => {
    let refuse = true;
    const problem = {
      status: 422,
      detail: 'The change is not understood',
      errors: [{ path: 'camera.fps', value: '500', expected: 'a number from 0.1 to 120' }],
    };
    const changed = {
      ...answers.settings,
      values: { ...answers.settings.values, camera: { ...answers.settings.values.camera, fps: 15 } },
      changed: ['camera.fps'],
      yaml: 'camera:\n  fps: 15\n',
    };
    const { page, requests } = await openSection(stage, 'settings', {
      answers: {
        '/settings': (request: { method(): string }) =>
          request.method() === 'PATCH' && refuse ? { problem } : refuse ? answers.settings : changed,
      },
    });
    const rate = page.getByRole('textbox', { name: 'Frame rate', exact: true });
    await rate.fill('500');
    await page.getByRole('switch', { name: 'Detect less often while nothing changes' }).uncheck();
    await page.getByRole('button', { name: 'Apply' }).click();
    await page.getByTestId('camera.fps').getByText('Between 0.1 and 120 frames per second').waitFor();
    expect(requests).toContain('PATCH /settings {"camera":{"fps":500},"detect":{"adaptive":false}}');
    await until(page, `document.activeElement.id === 'setting-camera-fps'`);
    expect(await rate.getAttribute('aria-describedby')).toContain('setting-camera-fps-error');
    expect(await wcagViolations(page)).toEqual([]);
    await page.locator('.loading').first().waitFor({ state: 'detached' });
    expect(await stage.references.differs('settings-refused', page)).toBeUndefined();

    refuse = false;
    await page.getByRole('button', { name: 'Undo: Detect less often while nothing changes' }).click();
    await rate.fill('15');
    await page.getByRole('button', { name: 'Apply' }).click();
    await page.getByTestId('settings-result').getByText('Applied. In effect now.').waitFor();
    await page.getByText('fps: 15').waitFor();
    expect(await rate.inputValue()).toBe('15');
    await page.getByRole('button', { name: 'Apply' }).click();
    await page.getByText('Nothing to apply.').waitFor();
  });

  test('the sensitivity is chosen in words', async () => {
    const sensitivity = {
      type: 'string',
      enum: ['calm', 'balanced', 'expressive'],
      description: 'In the device’s words.',
    };
    const settings = {
      ...answers.settings,
      values: { classify: { sensitivity: 'balanced' } },
      configured: { classify: { sensitivity: 'balanced' } },
      schema: { type: 'object', properties: { classify: { type: 'object', properties: { sensitivity } } } },
    };
    const { page, requests } = await openSection(stage, 'settings', { answers: { '/settings': settings } }, 'lang=de');
    const choice = page.getByRole('combobox', { name: 'Empfindlichkeit' });
    await choice.waitFor();
    expect(await choice.locator('option').allTextContents()).toEqual(['Zurückhaltend', 'Ausgewogen', 'Empfindlich']);
    const field = page.getByTestId('classify.sensitivity');
    expect(await field.textContent()).not.toContain('In the device’s words.');
    await choice.selectOption('Zurückhaltend');
    await page.getByRole('button', { name: 'Übernehmen' }).click();
    await eventually(() => requests.includes('PATCH /settings {"classify":{"sensitivity":"calm"}}'), 'changed');
  });
});
