import { expect, test } from 'vitest';
import { serveApp } from '../../device/http/server/serve.ts';
import { fixture, silentLog } from '../../device/lab/fixtures/http-fixture.ts';
import { openSection } from './operator-page.ts';
import { describeInChromium, setStage } from './stage.ts';

describeInChromium('access to the operator page, and its sections', () => {
  const stage = setStage();

  test('is for operators: anybody else is redirected to the login, with the way back', async () => {
    const server = await serveApp(fixture({ kioskDir: stage.kioskDir }).app, {
      host: '127.0.0.1',
      port: 0,
      log: silentLog,
    });
    stage.release.push(() => server.stop());
    const answer = await fetch(`http://127.0.0.1:${server.port}/admin`, {
      headers: { accept: 'text/html' },
      redirect: 'manual',
    });
    expect([answer.status, answer.headers.get('location')]).toEqual([303, '/login?next=%2Fadmin']);
  });

  test('a session that has ended leads to the login', async () => {
    const { page } = await openSection(stage, 'logs', {
      answers: { '/logs': { problem: { status: 401, detail: 'Login needed' } } },
    });
    await page.waitForURL('**/login?next=%2Fadmin');
  });

  test('signing out ends the session', async () => {
    const { page, context, server } = await openSection(stage, 'model');
    await page.getByRole('button', { name: 'Sign out' }).click();
    await page.waitForURL('**/login');
    const answer = await context.request.get(`http://127.0.0.1:${server.port}/admin`, { maxRedirects: 0 });
    expect(answer.status()).not.toBe(200);
  });

  test('works by keyboard: skips the navigation, and moves through the sections', async () => {
    const { page } = await openSection(stage, 'model');
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
});
