import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { BrowserContext, Page } from 'playwright-core';
import { beforeAll, expect, test } from 'vitest';
import { configSchema } from '../../device/config/schema.ts';
import { LoginLinks, makeLinkCode } from '../../device/http/auth/links.ts';
import { hashPassword } from '../../device/http/auth/secrets.ts';
import { type RunningServer, serveApp } from '../../device/http/server/serve.ts';
import { FakeClock, fixture, silentLog } from '../../device/lab/fixtures/http-fixture.ts';
import { wcagViolations, wcagViolationsOfLook } from './axe.ts';
import { describeInChromium, setStage } from './stage.ts';

const password = 'correct horse battery';
const viewerToken = 'viewer-token-of-thirty-two-letters-x';

describeInChromium('the login page', () => {
  const stage = setStage();
  let passwordHash: string;
  beforeAll(async () => {
    passwordHash = await hashPassword(password, { ln: 14, r: 8, p: 1 });
  });

  interface Device {
    readonly clock: FakeClock;
    readonly links: LoginLinks;
    readonly server: RunningServer;
    readonly context: BrowserContext;
    readonly page: Page;
    readonly address: string;
    /** Errors in the console. */
    readonly complaints: string[];
  }

  async function device(
    http: object = { passwordHash, viewerToken },
    viewport = { width: 800, height: 480 },
    colorScheme: 'light' | 'dark' = 'dark',
    dataDir?: string,
  ): Promise<Device> {
    const clock = new FakeClock();
    const links = new LoginLinks(() => clock.time);
    const { app } = fixture({ config: configSchema.parse({ http, dataDir }), clock, links, kioskDir: stage.kioskDir });
    const server = await serveApp(app, { host: '127.0.0.1', port: 0, log: silentLog });
    stage.release.push(() => server.stop());
    const context = await stage.browser.newContext({ viewport, colorScheme });
    stage.release.push(() => context.close());
    const page = await context.newPage();
    const complaints: string[] = [];
    page.on('pageerror', (error) => complaints.push(error.message));
    page.on('console', (message) => {
      // A refused login is an answer that Chromium names as an error of the network.
      if (message.type() === 'error' && !/status of (401|429)/.test(message.text())) complaints.push(message.text());
    });
    return { clock, links, server, context, page, address: `http://127.0.0.1:${server.port}`, complaints };
  }

  /** Waits for the page that was requested before the login; here the kiosk page. */
  const arrives = (page: Page, path: string) => page.waitForURL((url) => url.pathname + url.search === path);

  test('logs in with the password and opens the requested page, without a trace in the address', async () => {
    const { page, address, context, complaints } = await device();
    await page.goto(`${address}/login?next=%2F%3Flang%3Dde`);
    await page.getByLabel('Password or token').fill('wrong');
    await page.keyboard.press('Enter');
    await page.getByText('That is not the password or token of this device.').waitFor();
    expect(await page.locator('#password:focus').count()).toBe(1);
    await page.getByLabel('Password or token').fill(password);
    await page.getByRole('button', { name: 'Log in' }).click();
    await arrives(page, '/?lang=de');
    expect((await context.cookies()).map(({ name, httpOnly, sameSite }) => ({ name, httpOnly, sameSite }))).toEqual([
      { name: 'mien-session', httpOnly: true, sameSite: 'Strict' },
    ]);
    expect(await page.evaluate('document.cookie')).toBe('');
    expect(complaints).toEqual([]);
  });

  test('a device that nobody has claimed shows its code on its screen, and asks for it and a new password', async () => {
    const dataDir = mkdtempSync(join(tmpdir(), 'mien-claim-'));
    stage.release.push(() => rmSync(dataDir, { recursive: true }));
    const { page, address, context, complaints } = await device(
      { claimCode: 'K7PX-4MQT', host: '0.0.0.0' },
      undefined,
      'dark',
      dataDir,
    );
    await page.goto(`${address}/?lang=en`);
    await page.getByText('/login and enter K7PX-4MQT.').waitFor();
    const phone = await context.newPage();
    await phone.goto(`${address}/login?next=%2Fadmin`);
    await phone.getByLabel('Code on the screen').fill('AAAA-AAAA');
    await phone.getByLabel('New password').fill(password);
    await phone.getByRole('button', { name: 'Set the password' }).click();
    await phone.getByText('That is not the code on the screen').waitFor();
    expect(await wcagViolations(phone)).toEqual([]);
    await phone.getByLabel('Code on the screen').fill('k7px4mqt');
    await phone.getByRole('button', { name: 'Set the password' }).click();
    await arrives(phone, '/admin');
    await page.getByTestId('claim').waitFor({ state: 'detached' });
    expect(complaints).toEqual([]);
  });

  test('the password is hidden until somebody shows it', async () => {
    const { page, address } = await device();
    await page.goto(`${address}/login`);
    const field = page.getByLabel('Password or token');
    await field.fill(password);
    expect(await field.getAttribute('type')).toBe('password');
    await page.getByRole('button', { name: 'Show' }).click();
    expect(await field.getAttribute('type')).toBe('text');
    expect(await field.inputValue()).toBe(password);
  });

  test('reports too many attempts, and a device that does not answer', async () => {
    const { page, address, server } = await device();
    await page.goto(`${address}/login`);
    const send = async () => {
      await page.getByLabel('Password or token').fill('wrong');
      await page.getByRole('button', { name: 'Log in' }).click();
      await page.getByRole('button', { name: 'Log in', disabled: false }).waitFor();
    };
    for (let n = 0; n < 6; n += 1) await send();
    await page.getByText('Too many attempts.').waitFor();
    await server.stop();
    await send();
    await page.getByText('The device does not answer.').waitFor();
  });

  test('a link logs in once and leaves no trace; then the page says how to get another', async () => {
    const { page, address, links, clock, context } = await device({});
    const link = `${address}/login?next=%2F#link=${makeLinkCode(links.key, clock.time)}`;
    await page.goto(link);
    await arrives(page, '/');
    await context.clearCookies();
    await page.goto(link);
    await page.getByText('This link has been used already').waitFor();
    expect(page.url()).toBe(`${address}/login?next=%2F`);
    expect(await page.getByRole('alert').textContent()).toContain('mien access link');
    await page.getByText('No password is set on this device.').waitFor();
  });

  test('a user who is logged in can log out', async () => {
    const { page, address, context } = await device();
    await page.goto(`${address}/login?next=%2Flogin`);
    await page.getByLabel('Password or token').fill(viewerToken);
    await page.getByRole('button', { name: 'Log in' }).click();
    await arrives(page, '/');
    await page.goto(`${address}/login`);
    await page.getByText('You are logged in as viewer.').waitFor();
    expect(await page.getByRole('link', { name: 'Operator page' }).count()).toBe(0);
    await page.getByRole('button', { name: 'Log out' }).click();
    await page.getByLabel('Password or token').waitFor();
    expect(await context.cookies()).toEqual([]);
  });

  test('a remote screen whose session ends asks for a login, and continues after it', async () => {
    const { page, address, context } = await device();
    await context.setExtraHTTPHeaders({ 'x-forwarded-for': '192.0.2.7' });
    const logIn = async () => {
      await page.locator('#password').fill(viewerToken);
      await page.keyboard.press('Enter');
      await arrives(page, '/?lang=en&theme=light');
      await page.locator('[data-testid=kiosk]:not([data-condition=connecting])').waitFor();
    };
    await page.goto(`${address}/?lang=en&theme=light`);
    await logIn();
    const other = await context.newPage();
    await other.goto(`${address}/login`);
    await other.getByRole('button', { name: 'Log out' }).click();
    await arrives(page, '/login?next=%2F%3Flang%3Den%26theme%3Dlight');
    await logIn();
  });

  test.each([
    [800, 480, 'en', 'dark'],
    [800, 480, 'ur', 'light'],
    [1080, 1920, 'de', 'light'],
    [1920, 1080, 'ur', 'dark'],
    [320, 640, 'fr', 'dark'],
  ] as const)('%i x %i in %s, %s: axe finds nothing, and nothing is cut off', async (width, height, lang, scheme) => {
    const { page, address, complaints } = await device({}, { width, height }, scheme);
    await page.goto(`${address}/login?lang=${lang}`);
    await page.locator('#password').fill('wrong');
    await page.keyboard.press('Enter');
    await page.locator('[aria-invalid=true]').waitFor();
    expect(await page.evaluate('[document.documentElement.lang, document.documentElement.dir]')).toEqual([
      lang,
      lang === 'ur' ? 'rtl' : 'ltr',
    ]);
    expect(await page.evaluate('document.documentElement.scrollWidth <= innerWidth')).toBe(true);
    expect(await (lang === 'en' ? wcagViolations : wcagViolationsOfLook)(page)).toEqual([]);
    expect(complaints).toEqual([]);
    const shots = process.env.MIEN_TEST_SCREENSHOTS;
    if (shots) await page.screenshot({ path: join(shots, `login-${width}x${height}-${lang}-${scheme}.png`) });
  });
});
