import type { Browser, BrowserContext, Page } from 'playwright-core';
import { configSchema } from '../../device/config/schema.ts';
import { type RunningServer, serveApp } from '../../device/http/server/serve.ts';
import { type Fixture, fixture, silentLog } from '../../device/lab/fixtures/http-fixture.ts';
import * as answers from './operator-answers.ts';

/** Of the operator whom the page is opened for. */
export const token = 'operator-token-of-thirty-two-letters';

/** What the API answers where a test says so; a status other than 200 is a problem. */
type Answer = unknown | { readonly problem: { readonly status: number; readonly detail: string } };

export interface Opened {
  readonly made: Fixture;
  readonly server: RunningServer;
  readonly context: BrowserContext;
  readonly page: Page;
  /** Errors of the page itself, and everything that its security policy refused. */
  readonly complaints: string[];
  /** Requests to the API: `PATCH /settings {...}`. */
  readonly asked: string[];
  close(): Promise<void>;
}

export interface OpenOptions {
  readonly path: string;
  readonly kioskDir: string;
  readonly viewport?: { width: number; height: number };
  /** By path below /api/v1, without its query. */
  readonly answers?: Readonly<Record<string, Answer>>;
  readonly locale?: string;
  readonly permissions?: string[];
  readonly made?: Fixture;
}

const usual: Readonly<Record<string, Answer>> = {
  '/history': answers.history,
  '/visits': { visits: answers.visits.slice(0, 25), next: 'older' },
  '/performance': answers.performance(),
  '/model': answers.model,
  '/settings': answers.settings,
  '/camera': answers.cameraAnswer,
  '/config': answers.config,
  '/logs': answers.logs,
};

/** Opens a page of the real app, logged in as operator; what the API says is up to the test. */
export async function openPage(browser: Browser, options: OpenOptions): Promise<Opened> {
  const made =
    options.made ??
    fixture({
      kioskDir: options.kioskDir,
      config: configSchema.parse({ device: { name: 'lobby-1' }, http: { token } }),
    });
  const server = await serveApp(made.app, { host: '127.0.0.1', port: 0, log: silentLog });
  const origin = `http://127.0.0.1:${server.port}`;
  const context = await browser.newContext({
    viewport: options.viewport ?? { width: 1280, height: 800 },
    timezoneId: 'Europe/Berlin',
    locale: options.locale ?? 'en-GB',
    permissions: options.permissions ?? [],
    acceptDownloads: true,
  });
  const login = await context.request.post(`${origin}/api/v1/session`, { data: { password: token } });
  if (!login.ok()) throw new Error(`login: ${login.status()} ${await login.text()}`);
  const page = await context.newPage();
  const complaints: string[] = [];
  page.on('pageerror', (error) => complaints.push(error.message));
  page.on('console', (message) => {
    const isNetwork =
      message.text().startsWith('Failed to load resource') || message.text().includes('WebSocket connection');
    if ((message.type() === 'error' && !isNetwork) || message.text().startsWith('Mien:'))
      complaints.push(message.text());
  });
  const asked: string[] = [];
  await page.clock.setFixedTime(answers.now);
  await page.route('**/api/v1/**', async (route) => {
    const request = route.request();
    const path = new URL(request.url()).pathname.replace('/api/v1', '');
    const { search } = new URL(request.url());
    asked.push(`${request.method()} ${path}${search}${request.postData() ? ` ${request.postData()}` : ''}`);
    const given = { ...usual, ...options.answers };
    if (path in given) await answer(route, given[path]);
    else await route.continue();
  });
  await page.goto(`${origin}${options.path}`);
  return {
    made,
    server,
    context,
    page,
    complaints,
    asked,
    close: async () => {
      await context.close();
      await server.stop();
    },
  };
}

type Route = Parameters<Parameters<Page['route']>[1]>[0];

async function answer(route: Route, given: Answer): Promise<void> {
  const value = typeof given === 'function' ? given(route.request()) : given;
  if (value === 'no answer') return route.abort('connectionrefused');
  if (value === 'never') return;
  if (value === 'as it is') return route.continue();
  const problem = (value as { problem?: { status: number } }).problem;
  await route.fulfill({
    status: problem?.status ?? 200,
    contentType: problem ? 'application/problem+json' : 'application/json',
    body: JSON.stringify(problem ?? value),
  });
}
