import type { Page } from 'playwright-core';
import { expect, test } from 'vitest';
import { configSchema } from '../../device/config/schema.ts';
import { serveApp } from '../../device/http/server/serve.ts';
import { fixture, silentLog } from '../../device/lab/fixtures/http-fixture.ts';
import { wcagViolations, wcagViolationsOfLook } from './axe.ts';
import { describeInChromium, setStage } from './stage.ts';

const token = 'operator-token-of-thirty-two-letters';
const viewerToken = 'viewer-token-of-thirty-two-letters-x';

describeInChromium('the page for refused requests', () => {
  const stage = setStage({ pictures: 'notice' });

  /** Opens a page for a viewer who has logged in. */
  async function open(path: string, viewport = { width: 800, height: 480 }) {
    const config = configSchema.parse({ http: { token, viewerToken } });
    const server = await serveApp(fixture({ config, kioskDir: stage.kioskDir }).app, {
      host: '127.0.0.1',
      port: 0,
      log: silentLog,
    });
    stage.release.push(() => server.stop());
    const context = await stage.browser.newContext({ viewport, locale: 'en-GB' });
    stage.release.push(() => context.close());
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

  test('a viewer on /admin reads that it is for operators, and logs in as one from there', async () => {
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

  test('a page that does not exist, however deep its path, leads to the kiosk page', async () => {
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
  ])('fits a %s screen, and breaks no rule of WCAG 2.2 AA', async (name, viewport, looks) => {
    const { page, complaints } = await open(`/admin?${looks}`, viewport);
    await page.evaluate('document.fonts.ready');
    expect(await fits(page)).toBeLessThanOrEqual(0);
    expect(await (name === 'small' ? wcagViolations : wcagViolationsOfLook)(page)).toEqual([]);
    expect(await stage.references.differs(`operators-${name}`, page)).toBeUndefined();
    expect(complaints).toEqual([]);
  });
});
