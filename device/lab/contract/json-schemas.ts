import { z } from '@hono/zod-openapi';
import { type Message, messages } from '../../contract/messages.ts';

/** The JSON Schema (draft 2020-12) of each message, as text, by the name of its file. */
export function jsonSchemaFiles(): ReadonlyMap<string, string> {
  return new Map(messages.map((message) => [`${message.name}.schema.json`, textOf(message)]));
}

function textOf({ name, schema, description }: Message): string {
  const { $schema, ...body } = z.toJSONSchema(schema, {
    target: 'draft-2020-12',
    io: 'output',
    override({ jsonSchema }) {
      // New keys may appear in any message: a reader must not refuse them.
      if (jsonSchema.additionalProperties === false) delete jsonSchema.additionalProperties;
    },
  });
  return `${JSON.stringify({ $schema, $id: `urn:mien:contract:${name}`, title: name, description, ...body }, null, 2)}\n`;
}
