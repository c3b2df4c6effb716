import { createRoute, z } from '@hono/zod-openapi';
import type { LiveConfig } from '../../config/live.ts';
import { describeApi, type OpenApiDocument } from '../openapi.ts';
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

/** The API documentation, as OpenAPI and as a page. */
export const docsRoutes: RouteGroup<DocsNeeds> = (app, { version, settings }) => {
  let made: OpenApiDocument | undefined;
  let asJson: string | undefined;
  let asPage: ReturnType<typeof docsPage> | undefined;
  // Made at the first request: by then all groups have added their routes.
  const document = () => {
    made ??= describeApi(app, version, settings.current.http.basePath);
    return made;
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
