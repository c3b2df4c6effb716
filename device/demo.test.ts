/** The demo beside a broker of somebody else, and with one that it was given. */
import { expect, test } from 'vitest';
import { Mien } from './lab/fixtures/mien.ts';
import { observe, startMosquitto } from './lab/fixtures/mosquitto.ts';
import { scratchFolder } from './lab/fixtures/scratch.ts';

const folder = scratchFolder();
const demo = ['demo', '--source', 'demo', '--port', '0', '--set', `dataDir=${folder}`];

test('a broker that it was not given hears nothing of invented people', async () => {
  // On 1883, where tools and devices look for one.
  const there = await startMosquitto({ port: 1883 });
  try {
    const watching = await observe(there.url, '#');
    const mien = new Mien(demo);
    await mien.prints(/[1-9]\d* faces?: .*MQTT connected/);
    expect(await mien.stop()).toBe(0);
    expect(mien.stdout).toMatch(/broker {6}mqtt:\/\/127\.0\.0\.1:\d+ \(its own\), topics mien-demo\//);
    expect(mien.stdout).not.toMatch(/:1883\b/);
    expect(watching.messages).toEqual([]);
    await watching.stop();
  } finally {
    await there.stop();
  }
}, 120_000);

test('at one that it was given it has topics of its own, and leaves nothing retained', async () => {
  const given = await startMosquitto();
  try {
    const mien = new Mien([...demo, '--set', `mqtt.url=${given.url}`]);
    const watching = await observe(given.url, 'mien-demo/#');
    await mien.prints(/[1-9]\d* faces?: .*MQTT connected/);
    expect(await mien.stop()).toBe(0);
    expect(watching.messages.some(({ topic }) => topic.endsWith('/reading'))).toBe(true);
    await watching.stop();
    const late = await observe(given.url, '#');
    await new Promise((resolve) => setTimeout(resolve, 500));
    expect(late.messages).toEqual([]);
    await late.stop();
  } finally {
    await given.stop();
  }
}, 120_000);
