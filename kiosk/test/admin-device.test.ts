import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { packageRoot } from '../../device/core/paths.ts';
import { eventually } from '../../device/lab/fixtures/http-fixture.ts';
import { wcagViolations } from './axe.ts';
import * as answers from './operator-answers.ts';
import { failure, openSection } from './operator-page.ts';
import { describeInChromium, setStage } from './stage.ts';

describeInChromium('the sections Model, Logs and System of the operator page', () => {
  const stage = setStage();

  test('Model shows which question it answers, agreement with people first, FER-2013 beside it', async () => {
    const confusion = [
      [8, 2],
      [1, 9],
    ];
    const split = 'FER-2013 PublicTest';
    const people = { split, n: 3186, accuracy: 0.881, macroRecall: 0.85, calibrationError: 0.02, confusion };
    const int8 = { people, fer2013: { split, n: 3579, accuracy: 0.709 } };
    const card = {
      ...answers.model.card,
      ...{ labels: ['happy', 'neutral'], answers: 'people', temperature: 1 },
      metrics: { int8, fp32: int8 },
    };
    const { page } = await openSection(stage, 'model', { answers: { '/model': { ...answers.model, card } } });
    expect(await page.getByTestId('question').textContent()).toContain('what would most people say');
    expect(await page.getByTestId('figures').textContent()).toContain('Agreement with people88.1%');
    expect(await page.getByTestId('compared').textContent()).toContain('70.9% of 3,579 faces');
    expect(await page.locator('[data-testid=classes] tbody tr').first().textContent()).toContain('80%');
    expect(await page.getByTestId('limits').textContent()).toContain('Weakest: happy; only 80%');
  });

  test('Model shows its figures, what it confuses, and its limits', async () => {
    const { page, complaints } = await openSection(stage, 'model');
    await page.getByRole('heading', { name: 'residual-cnn' }).waitFor();
    const card = JSON.parse(readFileSync(join(packageRoot, 'models', 'residual-cnn.json'), 'utf8'));
    const { confusion } = card.metrics.int8[card.answers];
    const happy = card.labels.indexOf('happy');
    const share = confusion[happy][happy] / confusion[happy].reduce((sum: number, count: number) => sum + count, 0);
    const cell = page.locator('[data-testid=confusion] tbody tr').nth(happy).locator('td').nth(happy);
    expect(await cell.textContent()).toBe(String(Math.round(share * 100)));
    const row = page.locator('[data-testid=classes] tbody tr').nth(happy);
    expect(await row.textContent()).toContain(`${Math.round(share * 100)}%`);
    expect(await page.getByTestId('limits').textContent()).toContain('cannot be read from it');
    await page.getByText('fp32', { exact: true }).click();
    await page.getByRole('radio', { name: 'fp32' }).isChecked();
    expect(complaints).toEqual([]);
  });

  test('Logs filters by level and by word, and follows until that is switched off', async () => {
    const { page, requests } = await openSection(stage, 'logs');
    const lines = page.locator('.log li');
    await lines.first().waitFor();
    expect(await lines.count()).toBe(answers.logs.lines.length);
    await page.getByLabel('Search').fill('BROKER offline');
    expect(await lines.count()).toBe(1);
    await page.getByLabel('Search').fill('nothing like this');
    await page.getByText('No such line').waitFor();
    await page.getByLabel('Search').fill('');
    await page.getByLabel('Level').selectOption('error');
    await eventually(() => requests.includes('GET /logs?level=error&limit=500'), 'a request for errors');
    for (const _ of [1, 2]) {
      const before = requests.length;
      // Longer than the page waits between two looks.
      await page.clock.fastForward(3000);
      await eventually(() => requests.length > before, 'follows');
    }
    await page.getByRole('switch', { name: 'Follow' }).uncheck();
    await lines.first().waitFor();
    expect(await wcagViolations(page)).toEqual([]);
  });

  test('System has a configuration to search, with masked secrets, and a support bundle', async () => {
    let fails = true;
    const { page, complaints } = await openSection(stage, 'system', {
      answers: {
        '/support-bundle': () =>
          fails ? { problem: { status: 503, detail: 'Another bundle is being made' } } : { made: 'of test' },
      },
    });
    const rows = page.locator('[data-testid=configuration] tbody tr');
    await rows.first().waitFor();
    expect(await rows.count()).toBe(answers.config.settings.length);
    await page.getByRole('switch', { name: 'Only what differs' }).check();
    expect(await rows.count()).toBe(4);
    await page.getByLabel('Search').fill('broker');
    expect(await rows.allTextContents()).toEqual([
      'Address of the broker mqtt.urlAddress of the broker.mqtts://mien:***@broker.example MIEN_MQTT_URL',
    ]);
    await page.getByLabel('Search').fill('xyz');
    await page.getByText('No setting matches.').waitFor();

    await page.getByRole('button', { name: 'Download' }).click();
    await failure(page).getByText('Another bundle is being made').waitFor();
    fails = false;
    const [saved] = await Promise.all([
      page.waitForEvent('download'),
      page.getByRole('button', { name: 'Download' }).click(),
    ]);
    expect(saved.suggestedFilename()).toMatch(/^mien-support/);
    await page.getByText('Downloaded').waitFor();
    expect(complaints).toEqual([]);
  });

  test('System downloads a table of the chosen period and format, and a backup', async () => {
    const { page, requests, complaints } = await openSection(stage, 'system', {
      answers: { '/export/minutes': { rows: 1 }, '/backup': 'as it is' },
    });
    const everything = page.getByRole('link', { name: 'Download: Visits, CSV' });
    expect(await everything.getAttribute('href')).toBe('api/v1/export/visits?format=csv');
    await page.getByLabel('Table').selectOption('minutes');
    await page.getByLabel('Format').selectOption('parquet');
    await page.getByLabel('From', { exact: true }).fill('2026-06-10');
    await page.getByLabel('To', { exact: true }).fill('2026-06-11');
    const link = page.getByRole('link', { name: 'Download: Minutes, Parquet' });
    const [from, to] = ['2026-06-10T00:00:00+02:00', '2026-06-12T00:00:00+02:00'].map(Date.parse);
    expect(await link.getAttribute('href')).toBe(`api/v1/export/minutes?format=parquet&from=${from}&to=${to}`);
    expect(await wcagViolations(page)).toEqual([]);

    await page.getByLabel('To', { exact: true }).fill('2026-06-09');
    await page.getByText('“From” must be before “To”.').waitFor();
    expect(await link.count()).toBe(0);
    await page.getByLabel('To', { exact: true }).fill('');
    expect(await link.getAttribute('href')).toBe(`api/v1/export/minutes?format=parquet&from=${from}`);
    expect(complaints).toEqual([]);

    // This device has no database: the page says so, with the way back.
    await page.getByRole('link', { name: 'Download a backup' }).click();
    await eventually(() => requests.includes('GET /backup'), 'a request for a backup');
    await page.getByText('The request failed inside the device').waitFor();
  });

  test('System saves an export under the name that the device gives it', async () => {
    const { page } = await openSection(stage, 'system');
    const [saved] = await Promise.all([
      page.waitForEvent('download'),
      page.getByRole('link', { name: 'Download: Visits, CSV' }).click(),
    ]);
    expect(saved.suggestedFilename()).toBe('mien-lobby-1-visits.csv');
  });
});
