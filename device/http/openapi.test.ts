import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { historySchema, samplesSchema, visitsSchema } from '../contract/history.ts';
import { readingSchema } from '../contract/reading.ts';
import { packageRoot } from '../core/paths.ts';
import type { Sample, Visit } from '../core/types.ts';
import { fixture, makeFace, makeReading } from '../lab/fixtures/http-fixture.ts';
import type { OpenApiDocument } from './openapi.ts';
import { outlineOf } from './pages/docs/outline.ts';

async function documentOf({ app } = fixture()): Promise<OpenApiDocument> {
  return (await (await app.request('/api/v1/openapi.json')).json()) as OpenApiDocument;
}

interface Operation {
  readonly operationId?: string;
  readonly security?: object[];
  readonly responses: Record<string, object>;
}

function operationsOf(document: OpenApiDocument) {
  return Object.entries(document.paths ?? {}).flatMap(([path, item]) =>
    Object.entries(item as Record<string, Operation>).map(([method, operation]) => ({ method, path, ...operation })),
  );
}

/** Pages and their styles, which are not part of the API. */
const pages = ['/', '/admin', '/admin.html', '/api/docs.css', '/{file}', '/assets/{file}'];

test('every route of the API is in the document', async () => {
  const { app } = fixture();
  const described = operationsOf(await documentOf()).map(({ method, path }) => `${method.toUpperCase()} ${path}`);
  const served = app.routes
    .map(({ method, path }) => ({ method, path: path.replaceAll(/:(\w+)/g, '{$1}') }))
    .filter(({ method, path }) => method !== 'ALL' && !pages.includes(path))
    .map(({ method, path }) => `${method} ${path}`);
  expect(new Set(described)).toEqual(new Set(served));
});

test('every operation has a unique operationId of a verb and a noun', async () => {
  const names = operationsOf(await documentOf()).map(({ operationId }) => operationId);
  for (const name of names) expect(name).toMatch(/^[a-z]+([A-Z][a-z0-9]+)+$/);
  expect(new Set(names).size).toBe(names.length);
});

test('tuples are described as in JSON Schema 2020-12, without `items: [...]`', async () => {
  expect(JSON.stringify(await documentOf())).not.toMatch(/"items":\[/);
});

test('every operator route is closed to callers without a login', async () => {
  const { app } = fixture();
  const operations = operationsOf(await documentOf());
  const closed = operations.filter(({ security }) => !security?.some((each) => Object.keys(each).length === 0));
  for (const { method, path, responses } of closed) {
    const response = await app.request(path, { method: method.toUpperCase() });
    expect(`${method} ${path} ${response.status}`).toBe(`${method} ${path} 401`);
    expect(response.headers.get('content-type')).toBe('application/problem+json');
    expect(Object.keys(responses)).toContain('401');
  }
});

test('a wrong method gets the allowed ones', async () => {
  const { app } = fixture();
  const response = await app.request('/healthz', { method: 'DELETE' });
  expect(response.status).toBe(405);
  expect(response.headers.get('allow')).toBe('GET, HEAD');
  expect(await response.json()).toMatchObject({ status: 405, detail: 'Expected GET, got DELETE' });
  expect((await app.request('/api/v1/nothing', { method: 'POST' })).status).toBe(404);
  expect((await app.request('/', { method: 'POST' })).status).toBe(405);
});

test('unknown parameters are refused on every route', async () => {
  const { app } = fixture();
  for (const path of ['/healthz', '/api/v1/state', '/api/v1/openapi.json', '/snapshot.jpg']) {
    const response = await app.request(`${path}?colour=red`);
    expect(response.status).toBe(400);
    expect(await response.json()).toMatchObject({
      errors: [{ path: 'colour', value: 'red', expected: 'no parameter' }],
    });
  }
});

test('a repeated parameter is refused', async () => {
  const response = await fixture().app.request('/api/v1/samples?minutes=1&minutes=2');
  expect(response.status).toBe(400);
  expect(await response.json()).toMatchObject({ errors: [{ path: 'minutes', value: '["1","2"]' }] });
});

test('the docs page shows every operation and loads nothing from other sites', async () => {
  const { app } = fixture();
  const page = await (await app.request('/api/docs')).text();
  for (const { path } of operationsOf(await documentOf())) expect(page).toContain(`<code>${path}</code>`);
  expect(page).not.toMatch(/<script|style=|https?:\/\//);
  expect((await app.request('/api/docs.css')).headers.get('content-type')).toContain('text/css');
});

test('answers with uncertain faces match their schemas exactly', async () => {
  const made = fixture();
  const uncertainFace = makeFace('uncertain');
  made.latest = makeReading(1, { faces: [uncertainFace] });
  const { probabilities } = uncertainFace;
  const figures = { probability: null, happyShare: null, score: 1, frames: 9 };
  made.samples.push({
    ts: 5,
    track: 1,
    label: 'uncertain',
    reason: 'dark',
    probabilities,
    ...figures,
  } satisfies Sample);
  made.visits.push({
    ...{ id: 'b-1', bootId: 'b', seq: 1, track: 1, startedAt: 5, endedAt: 9, dwellMs: 4, frames: 9 },
    ...{ dominant: 'uncertain', shares: { uncertain: 1 }, reasons: { dark: 0.5, small: 0.5 } },
    ...{ happyShare: null, strongest: null, confidence: null },
  } satisfies Visit);
  for (const [path, schema] of [
    ['reading', readingSchema],
    ['samples?from=0&to=9', samplesSchema],
    ['visits?from=0&to=9', visitsSchema],
    ['history?bucket=minute&from=0&to=9', historySchema],
  ] as const) {
    const answer: unknown = await (await made.app.request(`/api/v1/${path}`)).json();
    expect(schema.parse(answer), path).toEqual(answer);
    expect(JSON.stringify(answer), path).toContain('"happyShare":null');
  }
});

test('routes answer through the contract: none calls c.json, which does not drop unknown keys', () => {
  const folder = join(packageRoot, 'device', 'http');
  const files = readdirSync(folder, { recursive: true, encoding: 'utf8' }).filter((name) =>
    /(?<!\.test)\.ts$/.test(name),
  );
  const direct = files.filter((name) => readFileSync(join(folder, name), 'utf8').includes('c.json('));
  expect(direct).toEqual(['answers/json.ts']);
});

test('the docs page shows nullable fields', () => {
  const share = { type: ['number', 'null'], minimum: 0, maximum: 1 };
  const moment = { type: ['object', 'null'], properties: { share } };
  expect(outlineOf({ properties: { moment }, required: ['moment'] })).toBe(
    'moment: object | null\n  share?: number 0 to 1 | null\n',
  );
});
