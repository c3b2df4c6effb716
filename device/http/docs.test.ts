import { expect, test } from 'vitest';
import { configSchema } from '../config/schema.ts';
import { messages } from '../contract/messages.ts';
import { fixture, json } from '../lab/fixtures/http-fixture.ts';

test('the AsyncAPI document names the broker and the topics of this device, without its password', async () => {
  const config = configSchema.parse({
    device: { name: 'lobby-1' },
    mqtt: { url: 'mqtts://me:hunter2@broker.example:8883', baseTopic: 'site/mien' },
  });
  const document = await json(fixture({ config }).app.request('/api/v1/asyncapi.json'));
  expect(document).toMatchObject({
    asyncapi: '3.0.0',
    servers: { broker: { host: 'broker.example:8883', protocol: 'mqtts' } },
    channels: {
      'request-ping': {
        address: '{base}/{device}/request/ping',
        parameters: { base: { default: 'site/mien' }, device: { default: 'lobby-1' } },
      },
    },
  });
  expect(JSON.stringify(document)).not.toContain('hunter2');
});

test('each schema of the list is answered as JSON Schema; another name is refused', async () => {
  const { app } = fixture();
  const { schemas } = (await json(app.request('/api/v1/schemas'))) as { schemas: { name: string }[] };
  expect(schemas.map(({ name }) => name)).toEqual(messages.map(({ name }) => name));
  for (const { name } of schemas) {
    const response = await app.request(`/api/v1/schemas/${name}`);
    expect(response.headers.get('content-type')).toBe('application/schema+json');
    expect(await json(response)).toMatchObject({ $id: `urn:mien:contract:${name}` });
  }
  expect(await json(app.request('/api/v1/schemas/mqtt.visti'))).toMatchObject({
    status: 404,
    title: 'No such schema',
    detail: 'Expected a name of GET /api/v1/schemas, got "mqtt.visti"',
  });
});
