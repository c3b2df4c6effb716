import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { requests, settables } from '../../contract/mqtt/commands.ts';
import { commandExamples, examples } from '../../contract/mqtt/examples.ts';
import { mqttMessages } from '../../contract/mqtt/topics.ts';
import { packageRoot } from '../../core/paths.ts';

const page = readFileSync(join(packageRoot, 'device', 'sinks', 'mqtt', 'README.md'), 'utf8');
const rows = page.split('\n').flatMap((line) =>
  line.startsWith('| `')
    ? [
        line
          .split('|')
          .slice(1, -1)
          .map((cell) => cell.trim()),
      ]
    : [],
);

test('the table of topics is that of the contract', () => {
  for (const [topic, { retain, qos, description }] of Object.entries(mqttMessages)) {
    const name = topic === 'response' ? 'response/<name>' : topic;
    expect(rows).toContainEqual([`\`${name}\``, retain ? 'yes' : 'no', String(qos), description]);
  }
});

test('the table of commands is that of the contract', () => {
  for (const [name, { description }] of Object.entries(requests)) {
    const payload = JSON.stringify(commandExamples[`request/${name}`]);
    expect(rows.map(([topic, text, effect]) => [topic, text?.replaceAll(' ', ''), effect])).toContainEqual([
      `\`request/${name}\``,
      `\`${payload}\``,
      description,
    ]);
  }
  for (const [name, { description }] of Object.entries(settables)) {
    expect(rows).toContainEqual([`\`set/${name}\``, `\`${commandExamples[`set/${name}`]}\``, description]);
  }
});

test('each JSON example is the one of the contract, and each topic has one', () => {
  const blocks = [...page.matchAll(/```json\n(.*?)```/gs)].map(([, text]) => JSON.parse(text!));
  const { availability: _text, ...published } = examples;
  expect(blocks).toHaveLength(Object.keys(published).length);
  for (const example of Object.values(published)) expect(blocks).toContainEqual(example);
});
