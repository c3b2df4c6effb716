import type { BrowserContext, Page } from 'playwright-core';
import { configSchema } from '../../device/config/schema.ts';
import { type RunningServer, serveApp } from '../../device/http/server/serve.ts';
import { drawPeople } from '../../device/lab/fixtures/drawn-people.ts';
import { type Fixture, fixture, makeFace, makeReading, silentLog } from '../../device/lab/fixtures/http-fixture.ts';
import * as answers from './operator-answers.ts';
import { type Stage, setStage } from './stage.ts';

/** Token with the role operator. */
export const token = 'operator-token-of-thirty-two-letters';

/** Answer of the API that a test gives instead of the usual one; a status other than 200 is a problem. */
type Answer = unknown | { readonly problem: { readonly status: number; readonly detail: string } };

export interface Opened {
  readonly made: Fixture;
  readonly server: RunningServer;
  readonly context: BrowserContext;
  readonly page: Page;
  /** Errors of the page itself, and all that its security policy refused. */
  readonly complaints: string[];
  /** Requests to the API: `PATCH /settings {...}`. */
  readonly requests: string[];
  close(): Promise<void>;
}

export interface OpenOptions {
  readonly path: string;
  readonly viewport?: { width: number; height: number };
  /** By path below /api/v1, without its query. */
  readonly answers?: Readonly<Record<string, Answer>>;
  readonly locale?: string;
  readonly permissions?: string[];
  readonly made?: Fixture;
}

/** A stage whose camera sees one happy face. */
export interface OperatorStage extends Stage {
  jpeg: Uint8Array;
}

export function setOperatorStage(): OperatorStage {
  const drawing = { width: 640, height: 480, faces: [makeFace('happy')] };
  const stage = setStage({
    pictures: 'admin',
    prepare: async (browser) => {
      [stage.jpeg] = (await drawPeople(browser, [drawing])) as [Uint8Array];
    },
  }) as OperatorStage;
  return stage;
}

/** Sends one frame of the happy face. */
export function sendHappy({ jpeg }: OperatorStage, { live }: Fixture, frame: number): void {
  live.emit({ reading: makeReading(frame, { faces: [makeFace('happy')] }), jpeg });
}

/** Sends frames of the happy face until called or until the test ends. */
export function showHappy(stage: OperatorStage, made: Fixture): () => void {
  let frame = 0;
  const timer = setInterval(() => {
    sendHappy(stage, made, frame);
    frame += 1;
  }, 100);
  const stop = () => clearInterval(timer);
  stage.release.push(stop);
  return stop;
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

/** Opens a page of the real app, logged in as operator; the test decides what the API answers. */
export async function openPage({ browser, kioskDir, release }: Stage, options: OpenOptions): Promise<Opened> {
  const made =
    options.made ??
    fixture({
      kioskDir,
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
  const requests: string[] = [];
  await page.clock.setFixedTime(answers.now);
  await page.route('**/api/v1/**', async (route) => {
    const request = route.request();
    const path = new URL(request.url()).pathname.replace('/api/v1', '');
    const { search } = new URL(request.url());
    requests.push(`${request.method()} ${path}${search}${request.postData() ? ` ${request.postData()}` : ''}`);
    const given = { ...usual, ...options.answers };
    if (path in given) await answer(route, given[path]);
    else await route.continue();
  });
  await page.goto(`${origin}${options.path}`);
  const close = async () => {
    await context.close();
    await server.stop();
  };
  release.push(close);
  return { made, server, context, page, complaints, requests, close };
}

/** Opens a section of the operator page. */
export function openSection(
  stage: Stage,
  section: string,
  options: Partial<OpenOptions> = {},
  query = '',
): Promise<Opened> {
  return openPage(stage, { path: `/admin?${query}#${section}`, ...options });
}

export const failure = (page: Page) => page.getByTestId('failure');

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
