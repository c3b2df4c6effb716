import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { OpenAPIHono } from '@hono/zod-openapi';
import { packageRoot } from '../core/paths.ts';

export type OpenApiDocument = ReturnType<OpenAPIHono['getOpenAPI31Document']>;

const introduction = `The HTTP API of a Mien device. A label is an *apparent* expression: how a face looks, not what the person feels. It
answers one question: *which expression would most people see in this face?* If the model cannot tell, the label is
\`uncertain\` and \`reason\` says why. \`happyShare\` is the share of happy among the named labels. It is null if there is none.

Errors are application/problem+json (RFC 9457). \`title\` and \`detail\` say in one line what was expected and what was
received. \`remedy\` says what to do. \`errors\` lists each invalid value. Times in answers are milliseconds since 1970 (UTC).
Queries also accept 2026-01-31T12:00:00Z. Unknown parameters are refused. The Host header must name this device. A page of
another origin can read an answer only if http.allowedOrigins lists that origin.`;

/** The document of this device: the one of the repository, with its version and address. @throws if the file is missing */
export function apiDocument(version: string, basePath: string): OpenApiDocument {
  const text = readFileSync(join(packageRoot, 'device', 'contract', 'openapi.json'), 'utf8');
  const document = JSON.parse(text) as OpenApiDocument;
  return { ...document, info: { ...document.info, version }, servers: [{ url: basePath || '/' }] };
}

/**
 * The OpenAPI 3.1 document, generated from the schemas that validate the requests. `npm run contract` writes it, because a device
 * would need 100 ms and more for it, and nothing else can happen meanwhile.
 */
export function describeApi(app: OpenAPIHono): OpenApiDocument {
  const registry = app.openAPIRegistry;
  registry.registerComponent('securitySchemes', 'bearer', { type: 'http', scheme: 'bearer' });
  registry.registerComponent('securitySchemes', 'basic', {
    type: 'http',
    scheme: 'basic',
    description: 'Any user name, with the token as the password.',
  });
  registry.registerComponent('securitySchemes', 'session', { type: 'apiKey', in: 'cookie', name: 'mien-session' });
  return app.getOpenAPI31Document({
    openapi: '3.1.0',
    // The device puts its own version and address in.
    info: { title: 'Mien', version: '0.0.0', description: introduction },
    servers: [{ url: '/' }],
    tags: [
      { name: 'Now', description: 'The present state and the newest reading.' },
      { name: 'Live', description: 'Streams of pictures and events.' },
      { name: 'Log', description: 'Logged samples, visits and counts.' },
      { name: 'Try it', description: 'Classification of an uploaded picture.' },
      { name: 'Device', description: 'Camera, model, performance and privacy notice.' },
      { name: 'Monitoring', description: 'Metrics for Prometheus.' },
      { name: 'Operation', description: 'Control, settings and diagnostics. For operators.' },
      {
        name: 'Session',
        description:
          'Login of browsers. Programs send `Authorization: Bearer TOKEN`, or the token as the password of Basic authentication.',
      },
      { name: 'Documentation', description: 'This document, for programs and for people.' },
    ],
  });
}
