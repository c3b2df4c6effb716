import { createRoute, z } from '@hono/zod-openapi';
import type { LiveConfig } from '../../config/live.ts';
import { describeMqtt } from '../../contract/asyncapi.ts';
import { findMessage, jsonSchemaOf } from '../../contract/json-schemas.ts';
import { messages } from '../../contract/messages.ts';
import { schemaListSchema } from '../../contract/schemas.ts';
import { shorten } from '../../core/shorten.ts';
import { sendJson } from '../answers/json.ts';
import { ProblemError } from '../answers/problem.ts';
import { apiDocument } from '../openapi.ts';
import { docsPage } from '../pages/docs/page.ts';
import { docsStyle } from '../pages/docs/style.ts';
import { queryOf } from '../schemas/query.ts';
import type { RouteGroup } from './context.ts';
import { groupOf, jsonAnswer, problems } from './route.ts';

export interface DocsNeeds {
  readonly version: string;
  readonly settings: LiveConfig;
}

const cached = { 'Cache-Control': 'no-cache' };

/** The documentation of the API, as OpenAPI and as a page, of MQTT, and the JSON Schemas of all messages. */
export const docsRoutes: RouteGroup<DocsNeeds> = (app, { version, settings }) => {
  let asJson: string | undefined;
  let mqttAsJson: string | undefined;
  let asPage: ReturnType<typeof docsPage> | undefined;
  const document = () => apiDocument(version, settings.current.http.basePath);
  const mqtt = () => {
    const { mqtt, device } = settings.current;
    const { host, protocol } = new URL(mqtt.url);
    return describeMqtt({ host, protocol: protocol.replace(':', ''), baseTopic: mqtt.baseTopic, device: device.name });
  };
  const shared = {
    ...groupOf('Documentation', 'viewer'),
    method: 'get' as const,
    request: { query: queryOf({}) },
  };

  app.openapi(
    createRoute({
      ...shared,
      path: '/api/v1/openapi.json',
      operationId: 'getOpenApiDocument',
      summary: 'This documentation as OpenAPI 3.1',
      responses: {
        200: jsonAnswer(z.looseObject({ openapi: z.string() }), 'The document'),
        ...problems(400),
      },
    }),
    (c) => {
      asJson ??= JSON.stringify(document());
      return c.body(asJson, 200, { 'Content-Type': 'application/json', ...cached }) as never;
    },
  );

  app.openapi(
    createRoute({
      ...shared,
      path: '/api/v1/asyncapi.json',
      operationId: 'getAsyncApiDocument',
      summary: 'The MQTT interface as AsyncAPI 3',
      responses: { 200: jsonAnswer(z.looseObject({ asyncapi: z.string() }), 'The document'), ...problems(400) },
    }),
    (c) => {
      mqttAsJson ??= JSON.stringify(mqtt());
      return c.body(mqttAsJson, 200, { 'Content-Type': 'application/json', ...cached }) as never;
    },
  );

  app.openapi(
    createRoute({
      ...shared,
      path: '/api/v1/schemas',
      operationId: 'listSchemas',
      summary: 'Names of all JSON Schemas',
      responses: { 200: jsonAnswer(schemaListSchema, 'One entry per message or answer'), ...problems(400) },
    }),
    (c) => sendJson(c, schemaListSchema, { schemas: messages.map(({ name, description }) => ({ name, description })) }),
  );

  app.openapi(
    createRoute({
      ...shared,
      path: '/api/v1/schemas/{name}',
      operationId: 'getSchema',
      summary: 'JSON Schema (draft 2020-12) of a message or an answer',
      request: {
        query: queryOf({}),
        params: z.object({ name: z.string().openapi({ description: 'Name in the list.', example: 'mqtt.visit' }) }),
      },
      responses: { 200: jsonAnswer(z.looseObject({ $id: z.string() }), 'The schema'), ...problems(400, 404) },
    }),
    (c) => {
      const { name } = c.req.valid('param');
      const message = findMessage(name);
      if (!message) {
        throw new ProblemError({
          status: 404,
          title: 'No such schema',
          detail: `Expected a name of GET /api/v1/schemas, got ${JSON.stringify(shorten(name))}`,
        });
      }
      return c.body(JSON.stringify(jsonSchemaOf(message)), 200, {
        'Content-Type': 'application/schema+json',
        ...cached,
      }) as never;
    },
  );

  app.openapi(
    createRoute({
      ...shared,
      path: '/api/docs',
      operationId: 'getDocsPage',
      summary: 'This documentation as a page',
      responses: {
        200: { description: 'The page', content: { 'text/html': { schema: z.string() } } },
        ...problems(400),
      },
    }),
    async (c) => {
      asPage ??= docsPage(document());
      return c.html(await asPage, 200, cached);
    },
  );

  app.get('/api/docs.css', shared.middleware, (c) =>
    c.body(docsStyle, 200, { 'Content-Type': 'text/css; charset=utf-8', ...cached }),
  );
};
