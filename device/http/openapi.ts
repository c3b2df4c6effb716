import type { OpenAPIHono } from '@hono/zod-openapi';

export type OpenApiDocument = ReturnType<OpenAPIHono['getOpenAPI31Document']>;

const introduction = `What a Mien device tells and takes over HTTP. It shows *apparent* expressions: what a face looks like, not what
somebody feels. A label answers one question: *what would most people say that this face shows?* It is \`uncertain\` where the
model cannot tell, with a \`reason\`. \`happyShare\` is the share of happy among what has a name, and null where nothing has one.

Errors are application/problem+json (RFC 9457): \`title\` and \`detail\` say in one line what was expected and what came,
\`remedy\` what to do, \`errors\` names each value that is wrong. Times are milliseconds since 1970 in answers; in queries
also as 2026-01-31T12:00:00Z. Unknown parameters are refused. A request must name this device as its host, and no answer
may be read by a page of another origin that the configuration does not name (http.allowedOrigins).`;

/** The OpenAPI 3.1 document, from the schemas that also check the requests. */
export function describeApi(app: OpenAPIHono, version: string, basePath: string): OpenApiDocument {
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
    info: { title: 'Mien', version, description: introduction },
    servers: [{ url: basePath || '/' }],
    tags: [
      { name: 'Now', description: 'What the device does and sees at this moment.' },
      { name: 'Live', description: 'Pictures and events as they come.' },
      { name: 'Log', description: 'What the device has logged.' },
      { name: 'Try it', description: 'A picture that somebody hands in.' },
      { name: 'Device', description: 'What it is made of, and how it does.' },
      { name: 'Operation', description: 'For operators: to change the device, and to find out what is wrong with it.' },
      {
        name: 'Session',
        description:
          'Who asks. Programs send `Authorization: Bearer TOKEN` instead, or the token as the password of Basic.',
      },
      { name: 'Documentation', description: 'This description.' },
    ],
  });
}
