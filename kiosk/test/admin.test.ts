import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Browser, Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, describe, expect, inject, test } from 'vitest';
import { configSchema } from '../../device/config/schema.ts';
import { packageRoot } from '../../device/core/paths.ts';
import { serveApp } from '../../device/http/server/serve.ts';
import { launchChromium, whyNoChromium } from '../../device/lab/fixtures/chromium.ts';
import { drawPeople } from '../../device/lab/fixtures/drawn-people.ts';
import {
  eventually,
  type Fixture,
  fakeOperations,
  fixture,
  makeFace,
  makeReading,
  silentLog,
} from '../../device/lab/fixtures/http-fixture.ts';
import { wcagViolations } from './axe.ts';
import * as answers from './operator-answers.ts';
import { type Opened, type OpenOptions, openPage, token as operatorToken } from './operator-page.ts';
import { References } from './references.ts';

/** The operator's page in the real Chromium, served by the real app to somebody who is logged in. */
describe.skipIf(whyNoChromium)(
  `the operator's page in Chromium${whyNoChromium ? ` (skipped: ${whyNoChromium})` : ''}`,
  // Long enough for a machine that has other things to do.
  { timeout: 180_000 },
  () => {
    const kioskDir = inject('kioskDir');
    let browser: Browser;
    let references: References;
    let jpeg: Uint8Array;
    const release: Array<() => Promise<unknown> | unknown> = [];

    beforeAll(async () => {
      browser = await launchChromium();
      references = await References.open(browser, join(packageRoot, 'kiosk', 'test', 'reference', 'admin'));
      [jpeg] = (await drawPeople(browser, [{ width: 640, height: 480, faces: [makeFace('happy')] }])) as [Uint8Array];
    }, 180_000);

    afterEach(async () => {
      for (const each of release.splice(0).reverse()) await each();
    });

    afterAll(() => browser?.close());

    async function open(section: string, options: Partial<OpenOptions> = {}, looks = ''): Promise<Opened> {
      const opened = await openPage(browser, { path: `/admin?${looks}#${section}`, kioskDir, ...options });
      release.push(() => opened.close());
      return opened;
    }

    /** The same frame again and again, as a camera that looks at a picture. */
    function play({ made }: Opened): void {
      let frame = 0;
      const timer = setInterval(() => {
        made.live.emit({ reading: makeReading(frame, { faces: [makeFace('happy')] }), jpeg });
        frame += 1;
      }, 100);
      release.push(() => clearInterval(timer));
    }

    const failure = (page: Page) => page.getByTestId('failure');

    test('is for operators: somebody else is led to the login, and back from there', async () => {
      const server = await serveApp(fixture({ kioskDir }).app, { host: '127.0.0.1', port: 0, log: silentLog });
      release.push(() => server.stop());
      const answer = await fetch(`http://127.0.0.1:${server.port}/admin`, {
        headers: { accept: 'text/html' },
        redirect: 'manual',
      });
      expect([answer.status, answer.headers.get('location')]).toEqual([303, '/login?next=%2Fadmin']);
    });

    describe('now', () => {
      test('says that everything is working, and shows picture, rates, stages', async () => {
        const opened = await open('now');
        const { page, complaints } = opened;
        play(opened);
        await page.getByRole('heading', { name: 'Everything is working' }).waitFor();
        await page.locator('.picture[data-live=true]').waitFor();
        expect(await page.getByTestId('preview').getAttribute('data-labels')).toBe('happy');
        expect(await page.locator('.picture-note').textContent()).toBe('one face');
        await page.locator('.tile .plot canvas').first().waitFor();
        expect(await page.locator('.tile').first().textContent()).toContain('24.1 analysed');
        expect(await page.locator('.stages tbody tr').allTextContents()).toContain('detection9.6 ms16 ms');
        expect(await page.title()).toBe('Now · lobby-1 · Operator');
        expect(complaints).toEqual([]);
      });

      test('counts what needs somebody, with the device’s own reasons', async () => {
        const { made, page } = await open('now');
        await page.getByRole('heading', { name: 'Everything is working' }).waitFor();
        made.board.update('camera', { state: 'lost', reason: 'No camera at /dev/video0. Plug one in.' });
        made.board.update('governor', {
          state: 'reduced',
          fpsLimit: 15,
          reason: 'The processor is at 82 °C',
          temperatureC: 82,
        });
        made.board.update('mqtt', { state: 'offline', url: 'mqtt://broker', reason: 'connect ECONNREFUSED' });
        await page.getByRole('heading', { name: '3 things need attention' }).waitFor();
        expect(await page.getByTestId('part-camera').getAttribute('data-tone')).toBe('bad');
        expect(await page.getByTestId('part-camera').textContent()).toContain('Plug one in.');
        expect(await page.getByTestId('part-board').textContent()).toContain('82°C');
        expect(await page.locator('.picture-note').textContent()).toBe('No connection to the camera');
        expect(await wcagViolations(page)).toEqual([]);
        expect(await references.differs('now-attention', await page.screenshot())).toBeUndefined();
      });

      test('the picture can be hidden, and stays hidden', async () => {
        const { made, page } = await open('now');
        await page.locator('.picture').waitFor();
        await page.getByRole('switch', { name: 'Show the picture' }).uncheck();
        await page.getByText('The picture is hidden.').waitFor();
        await page.reload();
        await page.getByText('The picture is hidden.').waitFor();
        expect(made.live.subscribers('plain') + made.live.subscribers('annotated')).toBeLessThanOrEqual(1);
      });

      test('pauses at once; restarts only after it was asked', async () => {
        const { page, asked } = await open('now', {
          answers: {
            '/control/pause': { paused: true, camera: 'online', vision: 'running' },
            '/control/restart-vision': { problem: { status: 503, detail: 'The vision process is already restarting' } },
          },
        });
        await page.getByRole('button', { name: 'Pause' }).click();
        await page.getByTestId('control-result').getByText('Paused').waitFor();
        expect(asked).toContain('POST /control/pause');

        await page.getByRole('button', { name: 'Restart recognition' }).click();
        const dialog = page.getByRole('dialog', { name: 'Restart recognition?' });
        await dialog.getByRole('button', { name: 'Cancel' }).click();
        expect(asked.some((each) => each.includes('restart-vision'))).toBe(false);
        await page.getByRole('button', { name: 'Restart recognition' }).click();
        expect(await wcagViolations(page)).toEqual([]);
        expect(await references.differs('now-restart', await page.screenshot())).toBeUndefined();
        await dialog.getByRole('button', { name: 'Restart recognition' }).click();
        await failure(page).getByText('The vision process is already restarting').waitFor();
      });

      test('says that the device does not answer, holds back what would fail, and recovers', async () => {
        const opened = await open('now');
        const { page, made, server } = opened;
        await page.getByRole('heading', { name: 'Everything is working' }).waitFor();
        await server.stop();
        await page.getByTestId('offline').getByText('The device does not answer.').waitFor();
        expect(await page.getByRole('button', { name: 'Pause' }).isDisabled()).toBe(true);
        expect(await wcagViolations(page)).toEqual([]);
        expect(await references.differs('now-offline', await page.screenshot())).toBeUndefined();
        const again = await serveApp(made.app, { host: '127.0.0.1', port: server.port, log: silentLog });
        release.push(() => again.stop());
        await page.locator('.page[data-connected=true]').waitFor();
        expect(await page.getByTestId('offline').textContent()).toBe('');
      });
    });

    describe('the live card', () => {
      const note = (page: Page) => page.locator('.picture-note').textContent();
      const canvas = (page: Page) => page.getByTestId('preview');
      const show = ({ live }: Fixture, frame: number) =>
        live.emit({ reading: makeReading(frame, { faces: [makeFace('happy')] }), jpeg });
      /** Frames come until one is shown, however long a busy machine takes for it. */
      const showUntilLive = async (made: Fixture, page: Page) => {
        const timer = setInterval(() => show(made, 1), 100);
        await page
          .locator('.picture[data-live=true]')
          .waitFor()
          .finally(() => clearInterval(timer));
      };

      test('shows no face while paused, and none of before after it', async () => {
        let paused = false;
        const operations = fakeOperations({ isPaused: () => paused });
        const config = configSchema.parse({ device: { name: 'lobby-1' }, http: { token: operatorToken } });
        const made = fixture({ kioskDir, operations, config });
        const { page } = await open('now', { made });
        await showUntilLive(made, page);
        paused = true;
        made.board.update('camera', { state: 'paused' });
        await page.locator('.picture[data-condition=paused]').waitFor();
        await page.getByRole('heading', { name: 'Paused by an operator' }).waitFor();
        // One that was on its way.
        show(made, 2);
        await page.waitForTimeout(300);
        expect(await canvas(page).isVisible()).toBe(false);
        expect(await note(page)).toBe('Paused. The camera is released.');
        expect(await wcagViolations(page)).toEqual([]);
        expect(await references.differs('now-paused', await page.screenshot())).toBeUndefined();
        paused = false;
        made.board.update('camera', { state: 'online' });
        await page.locator('.picture[data-condition=starting]').waitFor();
        expect(await canvas(page).isVisible()).toBe(false);
        await showUntilLive(made, page);
        expect(await canvas(page).isVisible()).toBe(true);
      });

      test('is as wide as it is high at its own shape, so that boxes lie on faces', async () => {
        for (const viewport of [
          { width: 800, height: 480 },
          { width: 1920, height: 1080 },
        ]) {
          const { made, page } = await open('now', { viewport });
          await showUntilLive(made, page);
          const { width, height } = (await canvas(page).boundingBox())!;
          expect(width / height, `${viewport.width}`).toBeCloseTo(640 / 480, 2);
        }
      });

      test.each([
        ['lost', { camera: { state: 'lost', reason: 'No camera' } }, 'No connection to the camera'],
        ['ended', { camera: { state: 'ended' } }, 'The recording has ended'],
        ['restarting', { vision: { state: 'restarting' } }, 'Recognition is restarting'],
        ['stale', {}, 'The camera sends no new picture'],
      ] as const)('says what is the case: %s', async (condition, states, text) => {
        const { made, page } = await open('now');
        await showUntilLive(made, page);
        for (const [part, state] of Object.entries(states)) made.board.update(part as 'camera', state as object);
        await page.locator(`.picture[data-condition=${condition}]`).waitFor();
        expect([await note(page), await canvas(page).isVisible()]).toEqual([text, false]);
      });
    });

    describe('history', () => {
      test('filters ask for what they say', async () => {
        const { page, asked } = await open('history');
        await page.getByTestId('summary').waitFor();
        expect(await page.getByTestId('summary').locator('dd').allTextContents()).toEqual([
          '70',
          '11 sec',
          'Neutral 51%',
          `${Math.round(answers.history.happyShare! * 100)}% of people`,
        ]);
        const day = Date.parse('2026-06-17T00:00:00+02:00');
        expect(asked).toContain(`GET /history?from=${day}&to=${day + 86_400_000}&bucket=hour&tz=Europe%2FBerlin`);
        await page.getByText('7 days').click();
        await page.getByRole('combobox', { name: /Apparent expression/ }).selectOption('happy');
        const week = `from=${day - 6 * 86_400_000}&to=${day + 86_400_000}`;
        await eventually(
          () => asked.includes(`GET /history?${week}&bucket=day&tz=Europe%2FBerlin&label=happy`),
          'asked',
        );
        await eventually(() => asked.includes(`GET /visits?${week}&label=happy&limit=25`), 'visits asked');
        expect(await page.getByLabel('Export: Visits, CSV').getAttribute('href')).toBe(
          `api/v1/visits?${week}&label=happy&format=csv`,
        );
        await page.getByText('Custom', { exact: true }).click();
        await page.getByLabel('To', { exact: true }).fill('2026-06-10');
        await page.getByText('“From” must be before “To”.').waitFor();
      });

      test('charts can be read as a table', async () => {
        const { page } = await open('history');
        await page.getByText('As a table').click();
        const row = page.locator('.figures tbody tr').first();
        expect(await row.textContent()).toContain('09:00');
        expect(await page.locator('.figures tbody tr').count()).toBe(6);
        expect(await wcagViolations(page)).toEqual([]);
      });

      test('a visit says how much of it looked happy; one without a named moment, why', async () => {
        const { page } = await open('history');
        const rows = page.locator('[data-testid=visits] tbody tr');
        await rows.first().waitFor();
        expect(await rows.nth(0).locator('td:nth-child(5)').textContent()).toBe('28%');
        const unnamed = rows.nth(answers.visits.findIndex(({ dominant }) => dominant === 'uncertain'));
        expect(await unnamed.getByTestId('unnamed').textContent()).toBe('No expression recognised: too little light');
        expect(await unnamed.textContent()).not.toContain('%');
        expect(await unnamed.getByRole('img').count(), 'it has no shares either').toBe(0);
      });

      test('of one expression alone there is no share of happy', async () => {
        const { page } = await open('history');
        await page.getByTestId('happy').waitFor();
        await page.getByRole('combobox', { name: /Apparent expression/ }).selectOption('sad');
        await page.getByTestId('happy').waitFor({ state: 'detached' });
      });

      test('visits come page by page', async () => {
        const pages = (request: { url(): string }) =>
          request.url().includes('cursor=older')
            ? { visits: answers.visits.slice(25) }
            : { visits: answers.visits.slice(0, 25), next: 'older' };
        const { page } = await open('history', { answers: { '/visits': pages } });
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

      test('empty, and broken until it is tried again', async () => {
        let broken = true;
        const { page } = await open('history', {
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
        expect(await references.differs('history-empty', await page.screenshot())).toBeUndefined();
      });
    });

    test('the model: which question it answers, agreement with people first, FER-2013 beside it', async () => {
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
      const { page } = await open('model', { answers: { '/model': { ...answers.model, card } } });
      expect(await page.getByTestId('question').textContent()).toContain('what would most people say');
      expect(await page.getByTestId('figures').textContent()).toContain('Agreement with people88.1%');
      expect(await page.getByTestId('compared').textContent()).toContain('70.9% of 3,579 faces');
      expect(await page.locator('[data-testid=classes] tbody tr').first().textContent()).toContain('80%');
      expect(await page.getByTestId('limits').textContent()).toContain('Weakest: happy; only 80%');
    });

    test('the model: its figures, what it confuses, how far it goes', async () => {
      const { page, complaints } = await open('model');
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

    test('the log: by level, by word, following until one reads', async () => {
      const { page, asked } = await open('logs');
      const lines = page.locator('.log li');
      await lines.first().waitFor();
      expect(await lines.count()).toBe(answers.logs.lines.length);
      await page.getByLabel('Search').fill('BROKER offline');
      expect(await lines.count()).toBe(1);
      await page.getByLabel('Search').fill('nothing like this');
      await page.getByText('No such line').waitFor();
      await page.getByLabel('Search').fill('');
      await page.getByLabel('Level').selectOption('error');
      await eventually(() => asked.includes('GET /logs?level=error&limit=500'), 'asked for errors');
      for (const _ of [1, 2]) {
        const before = asked.length;
        // Longer than the page waits between two looks.
        await page.clock.fastForward(3000);
        await eventually(() => asked.length > before, 'follows');
      }
      await page.getByRole('switch', { name: 'Follow' }).uncheck();
      await lines.first().waitFor();
      expect(await wcagViolations(page)).toEqual([]);
    });

    test('the system: configuration to search, secrets masked, a bundle to take along', async () => {
      let fails = true;
      const { page, complaints } = await open('system', {
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

    test('a session that has ended leads to the login', async () => {
      const { page } = await open('logs', {
        answers: { '/logs': { problem: { status: 401, detail: 'Login needed' } } },
      });
      await page.waitForURL('**/login?next=%2Fadmin');
    });

    test('signing out ends the session', async () => {
      const { page, context, server } = await open('model');
      await page.getByRole('button', { name: 'Sign out' }).click();
      await page.waitForURL('**/login');
      const answer = await context.request.get(`http://127.0.0.1:${server.port}/admin`, { maxRedirects: 0 });
      expect(answer.status()).not.toBe(200);
    });

    test('by keyboard: past the navigation at once, and through the sections', async () => {
      const { page } = await open('model');
      await page.getByRole('heading', { name: 'residual-cnn' }).waitFor();
      await page.keyboard.press('Tab');
      await page.keyboard.press('Enter');
      expect(await page.evaluate('document.activeElement.id')).toBe('content');
      await page.getByRole('link', { name: 'Logs' }).press('Enter');
      await page.locator('.log li').first().waitFor();
      expect(await page.getByRole('link', { name: 'Logs' }).getAttribute('aria-current')).toBe('page');
      await page.goBack();
      await page.getByRole('heading', { name: 'residual-cnn' }).waitFor();
    });

    describe.each([
      ['small', { width: 800, height: 480 }, 'theme=dark&lang=en'],
      ['large', { width: 1920, height: 1080 }, 'theme=light&lang=de'],
      ['4k', { width: 3840, height: 2160 }, 'theme=contrast&lang=fr'],
      ['phone', { width: 360, height: 780 }, 'theme=light&lang=es'],
      ['urdu', { width: 390, height: 844 }, 'theme=dark&lang=ur'],
      ['urdu-large', { width: 1920, height: 1080 }, 'theme=dark&lang=ur'],
    ])('on a %s screen', (name, viewport, looks) => {
      test('every section fits, reads well, and breaks no rule of WCAG 2.2 AA', { timeout: 300_000 }, async () => {
        const opened = await open('now', { viewport }, looks);
        const { page, complaints } = opened;
        play(opened);
        const ready = {
          now: '.tile .plot canvas',
          history: '.chart .plot canvas',
          settings: '.setting',
          model: '[data-testid=classes]',
          logs: '.log li',
          system: '[data-testid=configuration]',
        };
        for (const [section, selector] of Object.entries(ready)) {
          await page.evaluate(`location.hash = '${section}'`);
          const shown = page.locator(`.page[data-section=${section}]`);
          await shown.locator(selector).first().waitFor();
          await shown.locator('.loading').first().waitFor({ state: 'detached' });
          // The picture of a section begins with the next frame.
          await shown.locator('.picture[data-live=false]').waitFor({ state: 'detached' });
          await page.evaluate('document.fonts.ready');
          expect(await page.evaluate('document.documentElement.scrollWidth - innerWidth'), section).toBeLessThanOrEqual(
            0,
          );
          expect(await wcagViolations(page), section).toEqual([]);
          const differs = await references.differs(`${section}-${name}`, await page.screenshot());
          expect(differs, section).toBeUndefined();
        }
        expect(complaints).toEqual([]);
      });
    });
  },
);
