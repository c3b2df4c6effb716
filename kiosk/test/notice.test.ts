import { join } from 'node:path';
import type { Browser, Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, describe, expect, inject, test } from 'vitest';
import { configSchema } from '../../device/config/schema.ts';
import { packageRoot } from '../../device/core/paths.ts';
import { serveApp } from '../../device/http/server/serve.ts';
import { launchChromium, whyNoChromium } from '../../device/lab/fixtures/chromium.ts';
import { fixture, silentLog } from '../../device/lab/fixtures/http-fixture.ts';
import { wcagViolations } from './axe.ts';
import { References } from './references.ts';

const token = 'operator-token-of-thirty-two-letters';
const viewerToken = 'viewer-token-of-thirty-two-letters-x';

/** The page that stands in place of another one, in the real Chromium. */
describe.skipIf(whyNoChromium)(
  `the page for what is refused, in Chromium${whyNoChromium ? ` (skipped: ${whyNoChromium})` : ''}`,
  { timeout: 180_000 },
  () => {
    const kioskDir = inject('kioskDir');
    let browser: Browser;
    let references: References;
    const release: Array<() => Promise<unknown> | unknown> = [];

    beforeAll(async () => {
      browser = await launchChromium();
      references = await References.open(browser, join(packageRoot, 'kiosk', 'test', 'reference', 'notice'));
    }, 180_000);

    afterEach(async () => {
      for (const each of release.splice(0).reverse()) await each();
    });

    afterAll(() => browser?.close());

    /** As a viewer who has logged in. */
    async function open(path: string, viewport = { width: 800, height: 480 }) {
      const config = configSchema.parse({ http: { token, viewerToken } });
      const server = await serveApp(fixture({ config, kioskDir }).app, { host: '127.0.0.1', port: 0, log: silentLog });
      release.push(() => server.stop());
      const context = await browser.newContext({ viewport, locale: 'en-GB' });
      release.push(() => context.close());
      const origin = `http://127.0.0.1:${server.port}`;
      await context.request.post(`${origin}/api/v1/session`, { data: { password: viewerToken } });
      const page = await context.newPage();
      const complaints: string[] = [];
      page.on('pageerror', (error) => complaints.push(error.message));
      page.on('console', (message) => {
        if (message.type() === 'error' && !message.text().includes('status of 40')) complaints.push(message.text());
      });
      const answer = await page.goto(`${origin}${path}`);
      await page.getByTestId('notice').waitFor();
      return { page, status: answer?.status(), complaints, origin };
    }

    const fits = (page: Page) => page.evaluate('document.documentElement.scrollWidth - innerWidth');

    test('a viewer on /admin is told whose page it is, and logs in as operator from there', async () => {
      const { page, status, complaints, origin } = await open('/admin?theme=dark');
      expect(status).toBe(403);
      await page.getByRole('heading', { name: 'For operators' }).waitFor();
      await page.getByRole('link', { name: 'Log in as operator' }).click();
      await page.getByLabel('Password or token').fill(token);
      await page.getByRole('button', { name: 'Log in' }).click();
      await page.waitForURL(`${origin}/admin?theme=dark`);
      await page.getByRole('link', { name: 'Settings' }).waitFor();
      expect(complaints).toEqual([]);
    });

    test('from a page that is not there, however deep, one gets to the kiosk page', async () => {
      const { page, status, complaints, origin } = await open('/somewhere/deep/down?lang=de');
      expect(status).toBe(404);
      await page.getByRole('heading', { name: 'Seite nicht gefunden' }).waitFor();
      await page.getByRole('link', { name: 'Zur Kioskseite' }).click();
      await page.waitForURL(`${origin}/`);
      expect(complaints).toEqual([]);
    });

    test.each([
      ['small', { width: 800, height: 480 }, 'theme=dark&lang=en'],
      ['large', { width: 1920, height: 1080 }, 'theme=light&lang=de'],
      ['phone', { width: 360, height: 780 }, 'theme=contrast&lang=fr'],
      ['4k', { width: 3840, height: 2160 }, 'theme=light&lang=es'],
      ['urdu', { width: 390, height: 844 }, 'theme=dark&lang=ur'],
    ])('it fits a %s screen, reads well, and breaks no rule of WCAG 2.2 AA', async (name, viewport, looks) => {
      const { page, complaints } = await open(`/admin?${looks}`, viewport);
      await page.evaluate('document.fonts.ready');
      expect(await fits(page)).toBeLessThanOrEqual(0);
      expect(await wcagViolations(page)).toEqual([]);
      expect(await references.differs(`operators-${name}`, await page.screenshot())).toBeUndefined();
      expect(complaints).toEqual([]);
    });
  },
);
