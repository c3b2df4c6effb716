import { anyBroker, describeMqtt } from '../../contract/asyncapi.ts';
import { jsonSchemaOf } from '../../contract/json-schemas.ts';
import { messages } from '../../contract/messages.ts';
import { describeApi } from '../../http/openapi.ts';
import { fixture } from '../fixtures/http-fixture.ts';

/** The files that `npm run contract` writes, by their path below `device/contract/`. */
export function contractFiles(): ReadonlyMap<string, string> {
  const text = (content: object) => `${JSON.stringify(content, null, 2)}\n`;
  return new Map([
    ...messages.map((message) => [`json/${message.name}.schema.json`, text(jsonSchemaOf(message))] as const),
    ['asyncapi.json', text(describeMqtt(anyBroker))],
    ['openapi.json', text(describeApi(fixture().app))],
  ]);
}
