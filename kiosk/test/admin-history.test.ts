import { expect, test } from 'vitest';
import { eventually } from '../../device/lab/fixtures/http-fixture.ts';
import { wcagViolations } from './axe.ts';
import * as answers from './operator-answers.ts';
import { failure, openSection } from './operator-page.ts';
import { describeInChromium, setStage } from './stage.ts';

describeInChromium('the section History of the operator page', () => {
  const stage = setStage({ pictures: 'admin' });

  test('filters request the chosen period and expression', async () => {
    const { page, requests } = await openSection(stage, 'history');
    await page.getByTestId('summary').waitFor();
    expect(await page.getByTestId('summary').locator('dd').allTextContents()).toEqual([
      '70',
      '11 sec',
      'Neutral 51%',
      `${Math.round(answers.history.happyShare! * 100)}% of people`,
    ]);
    const day = Date.parse('2026-06-17T00:00:00+02:00');
    expect(requests).toContain(`GET /history?from=${day}&to=${day + 86_400_000}&bucket=hour&tz=Europe%2FBerlin`);
    await page.getByText('7 days').click();
    await page.getByRole('combobox', { name: /Apparent expression/ }).selectOption('happy');
    const week = `from=${day - 6 * 86_400_000}&to=${day + 86_400_000}`;
    await eventually(
      () => requests.includes(`GET /history?${week}&bucket=day&tz=Europe%2FBerlin&label=happy`),
      'a request for history',
    );
    await eventually(() => requests.includes(`GET /visits?${week}&label=happy&limit=25`), 'a request for visits');
    expect(await page.getByLabel('Export: Visits, CSV').getAttribute('href')).toBe(
      `api/v1/visits?${week}&label=happy&format=csv`,
    );
    await page.getByText('Custom', { exact: true }).click();
    await page.getByLabel('To', { exact: true }).fill('2026-06-10');
    await page.getByText('“From” must be before “To”.').waitFor();
  });

  test('one day: charts as a table, and visits with their share of happy or the reason why there is none', async () => {
    const { page } = await openSection(stage, 'history');
    const visits = page.locator('[data-testid=visits] tbody tr');
    await visits.first().waitFor();
    expect(await visits.nth(0).locator('td:nth-child(5)').textContent()).toBe('28%');
    const unnamed = visits.nth(answers.visits.findIndex(({ dominant }) => dominant === 'uncertain'));
    expect(await unnamed.getByTestId('unnamed').textContent()).toBe('No expression recognised: too little light');
    expect(await unnamed.textContent()).not.toContain('%');
    expect(await unnamed.getByRole('img').count(), 'it has no shares either').toBe(0);

    await page.getByText('As a table').click();
    const rows = page.locator('.figures tbody tr');
    expect(await rows.first().textContent()).toContain('09:00');
    expect(await rows.count()).toBe(6);
    expect(await wcagViolations(page)).toEqual([]);

    await page.getByTestId('happy').waitFor();
    await page.getByRole('combobox', { name: /Apparent expression/ }).selectOption('sad');
    // A filter for one expression leaves no share of happy.
    await page.getByTestId('happy').waitFor({ state: 'detached' });
  });

  test('visits come page by page', async () => {
    const pages = (request: { url(): string }) =>
      request.url().includes('cursor=older')
        ? { visits: answers.visits.slice(25) }
        : { visits: answers.visits.slice(0, 25), next: 'older' };
    const { page } = await openSection(stage, 'history', { answers: { '/visits': pages } });
    const rows = page.locator('[data-testid=visits] tbody tr');
    await rows.first().waitFor();
    expect(await rows.count()).toBe(25);
    await page.getByRole('button', { name: 'Older' }).click();
    await page.getByText('26 to 30').waitFor();
    expect(await rows.count()).toBe(5);
    expect(await page.getByRole('button', { name: 'Older' }).isDisabled()).toBe(true);
    await page.getByRole('button', { name: 'Newer' }).click();
    await page.getByText('1 to 25').waitFor();
  });

  test('reports an empty period, and a log that cannot be read until it is tried again', async () => {
    let broken = true;
    const { page } = await openSection(stage, 'history', {
      answers: {
        '/history': () =>
          broken
            ? { problem: { status: 503, detail: 'The log cannot be read', remedy: 'Free some space.' } }
            : { buckets: [] },
        '/visits': { visits: [] },
      },
    });
    await failure(page).getByText('The log cannot be read Free some space.').waitFor();
    await page.getByText('No visit in this period.').waitFor();
    expect(await wcagViolations(page)).toEqual([]);
    broken = false;
    await page.getByRole('button', { name: 'Try again' }).click();
    await page.getByText('Nothing was logged in this period.').waitFor();
    expect(await failure(page).count()).toBe(0);
    expect(await stage.references.differs('history-empty', page)).toBeUndefined();
  });
});
