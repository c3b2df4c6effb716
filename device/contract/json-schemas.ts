import { z } from '@hono/zod-openapi';
import { type Message, messages } from './messages.ts';

/** The JSON Schema (draft 2020-12) of each message, by its name. Made on request. */
export function jsonSchemaOf({ name, schema, description }: Message): object {
  const { $schema, ...body } = z.toJSONSchema(schema, {
    target: 'draft-2020-12',
    io: 'output',
    override({ jsonSchema }) {
      // New keys may appear in any message: a reader must not refuse them.
      if (jsonSchema.additionalProperties === false) delete jsonSchema.additionalProperties;
    },
  });
  return { $schema, $id: `urn:mien:contract:${name}`, title: name, description, ...body };
}

/** The message of this name: `mqtt.visit`. */
export function findMessage(name: string): Message | undefined {
  return messages.find((each) => each.name === name);
}
