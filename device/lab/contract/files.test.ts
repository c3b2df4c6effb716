import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { DiagnosticSeverity, Parser } from '@asyncapi/parser';
import { expect, test } from 'vitest';
import { requests, settables } from '../../contract/mqtt/commands.ts';
import { commandExamples, examples } from '../../contract/mqtt/examples.ts';
import { mqttMessages } from '../../contract/mqtt/topics.ts';
import { packageRoot } from '../../core/paths.ts';
import { contractFiles } from './files.ts';

const folder = join(packageRoot, 'device', 'contract');

test('the JSON Schemas, the AsyncAPI and the OpenAPI document in the repository are those of the schemas; `npm run contract` writes them', () => {
  const names = [...readdirSync(join(folder, 'json')).map((name) => `json/${name}`), 'asyncapi.json', 'openapi.json'];
  const written = names.map((name) => [name, readFileSync(join(folder, name), 'utf8')]);
  expect(Object.fromEntries(written)).toEqual(Object.fromEntries(contractFiles()));
});

test('the parser of AsyncAPI finds no error in the document, and refuses one with a mistake', async () => {
  const text = contractFiles().get('asyncapi.json')!;
  const faultsOf = async (document: string) =>
    (await new Parser().parse(document)).diagnostics
      .filter(({ severity }) => severity <= DiagnosticSeverity.Warning)
      .map(({ message, path }) => `${path.join('.')}: ${message}`);
  expect(await faultsOf(text)).toEqual([]);
  const wrong = { asyncapi: '3.0.0', info: { title: 'x', version: '1' }, operations: { x: { action: 'shout' } } };
  expect(await faultsOf(JSON.stringify(wrong))).not.toEqual([]);
}, 180_000);

test('each example is a valid payload without unknown keys', () => {
  for (const [topic, { schema }] of Object.entries(mqttMessages)) {
    expect(schema.parse(examples[topic as keyof typeof examples]), topic).toEqual(
      examples[topic as keyof typeof examples],
    );
  }
  const commands = [
    ...Object.entries(requests).map(([name, { schema }]) => [`request/${name}`, schema] as const),
    ...Object.entries(settables).map(([name, { schema }]) => [`set/${name}`, schema] as const),
  ];
  expect(Object.keys(commandExamples)).toEqual(commands.map(([topic]) => topic));
  for (const [topic, schema] of commands) expect(schema.safeParse(commandExamples[topic]).error, topic).toBeUndefined();
});
