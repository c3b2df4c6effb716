import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { fixture, json } from '../../lab/fixtures/http-fixture.ts';

describe('the kiosk page', () => {
  const dir = mkdtempSync(join(tmpdir(), 'mien-kiosk-'));
  beforeAll(() => {
    mkdirSync(join(dir, 'assets'));
    writeFileSync(join(dir, 'index.html'), '<!doctype html><title>Mien</title>');
    writeFileSync(join(dir, 'assets', 'index-Ab3_.js'), 'export {};');
    writeFileSync(join(dir, '.env'), 'SECRET=1');
  });
  afterAll(() => rmSync(dir, { recursive: true }));

  test('the page is revalidated each time; its assets are immutable', async () => {
    const { app } = fixture({ kioskDir: dir });
    const page = await app.request('/');
    expect(page.headers.get('content-type')).toContain('text/html');
    expect(page.headers.get('cache-control')).toBe('no-cache');
    const asset = await app.request('/assets/index-Ab3_.js');
    expect(asset.headers.get('content-type')).toContain('javascript');
    expect(asset.headers.get('cache-control')).toContain('immutable');
  });

  test.each(['/.env', '/assets/../.env', '/assets/%2e%2e/.env', '/..%2f..%2fetc%2fpasswd', '/assets/', '/nowhere.js'])(
    '%s is not found',
    async (path) => {
      const { app } = fixture({ kioskDir: dir });
      const response = await app.request(path);
      expect(response.status).toBe(404);
      expect(await json(response)).toMatchObject({ title: 'Not found' });
    },
  );

  test('a missing page says how to build it', async () => {
    const response = await fixture().app.request('/');
    expect(response.status).toBe(503);
    expect(await response.text()).toBe('The kiosk page is not built. Run: npm run setup\n');
    expect(response.headers.get('refresh')).toBe('5');
  });
});
