import { expect, test } from 'vitest';
import { configSchema } from '../config/schema.ts';
import { fixture } from '../lab/fixtures/http-fixture.ts';
import { hashPassword } from './auth/secrets.ts';

const passwordHash = await hashPassword('a kiosk in the lobby', { ln: 14, r: 8, p: 1 });
const config = configSchema.parse({ http: { passwordHash } });

async function cookieOf(headers: Record<string, string>): Promise<string> {
  const response = await fixture({ config }).app.request('/api/v1/session', {
    method: 'POST',
    body: JSON.stringify({ password: 'a kiosk in the lobby' }),
    headers: { 'content-type': 'application/json', ...headers },
  });
  expect(response.status).toBe(200);
  return response.headers.get('set-cookie') ?? '';
}

test.each<Record<string, string>>([
  { 'x-forwarded-proto': 'https' },
  { 'x-forwarded-proto': 'https, http' },
  { forwarded: 'for=192.0.2.1;proto=https;host=mien.example.org' },
])('behind a proxy with TLS the cookie is Secure: %j', async (headers) => {
  expect(await cookieOf(headers)).toMatch(/^__Host-mien-session=.*; Secure/);
});

test.each<Record<string, string>>([{}, { 'x-forwarded-proto': 'http' }, { forwarded: 'proto=http, proto=https' }])(
  'without TLS the cookie is not Secure: %j',
  async (headers) => expect(await cookieOf(headers)).not.toMatch(/Secure|__Host-/),
);

test.each(['/', '/try', '/api/v1/state', '/api/v1/events', '/nothing-here'])(
  '%s allows its own page the camera, and no other sensor',
  async (path) => {
    const response = await fixture().app.request(path);
    const policy = response.headers.get('permissions-policy') ?? '';
    expect(policy).toContain('camera=(self)');
    for (const feature of ['microphone', 'geolocation', 'usb', 'display-capture'])
      expect(policy).toContain(`${feature}=()`);
    await response.body?.cancel();
  },
);
