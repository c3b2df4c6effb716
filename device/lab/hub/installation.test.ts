/** The steps of the hub's README fit the files that they install. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { hubFile, hubFiles } from './files.ts';

const readme = readFileSync(join(hubFiles, '../README.md'), 'utf8');
const example = new Map(
  [...hubFile('telegraf/telegraf.env.example').matchAll(/^#?(\w+)=(.*)$/gm)].map(([, name, value]) => [name!, value!]),
);

test('the example of an environment has each variable of Telegraf and no other', () => {
  const files = ['telegraf.conf', 'mqtt.conf', 'amqp.conf'].map((name) => hubFile(`telegraf/${name}`));
  const names = files.flatMap((text) => [...text.matchAll(/\$\{(\w+)/g)].map(([, name]) => name!));
  expect([...example.keys()].sort()).toEqual([...new Set([...names, 'TELEGRAF_OPTS'])].sort());
});

test('Telegraf connects by the name that the certificate has for the devices', () => {
  const [, broker] = /`mqtt\.url: mqtts:\/\/(\S+)`/.exec(readme) ?? [];
  expect(example.get('HUB_MQTT_URL')).toBe(`ssl://${broker}`);
  expect(readme).toContain(`The certificate names ${broker!.split(':')[0]},`);
});

test('a step places the authority that Telegraf reads', () => {
  expect(readme).toContain(`\`${example.get('HUB_MQTT_CA')}\``);
});
