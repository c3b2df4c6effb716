/** The demo: its summary, and its topics beside a foreign broker and at a given one. */
import { join } from 'node:path';
import { connectAsync } from 'mqtt';
import { describe, expect, test } from 'vitest';
import { Mien, until } from './lab/fixtures/mien.ts';
import { observe, startMosquitto } from './lab/fixtures/mosquitto.ts';
import { scratchFolder } from './lab/fixtures/scratch.ts';

const scratch = scratchFolder();

function runDemo(name: string, source: string, ...args: string[]): Mien {
  return new Mien(['demo', '--source', source, '--port', '0', '--set', `dataDir=${join(scratch, name)}`, ...args]);
}

/** Readings without which a run has not reached the first face of the clip. */
const minReadings = 30;

/**
 * Runs the demo until it ends by itself. `--for` counts from the start of the program, and a busy machine may load the
 * models for longer than that. So a run with too few readings is repeated with
 * twice the time; any other run counts.
 */
async function runToSummary(): Promise<{ stdout: string; stderr: string; code: number | null }> {
  for (let seconds = 8; ; seconds *= 2) {
    const mien = runDemo(`for-${seconds}`, 'demo', '--for', String(seconds));
    const code = await mien.exited;
    const { stdout, stderr } = mien;
    const readings = Number(/faces in (\d+) readings/.exec(stdout)?.[1] ?? minReadings);
    if (readings >= minReadings || seconds > 60) return { stdout, stderr, code };
  }
}

/** The retained messages of a broker: it sends them before a message that is published after the subscription. */
async function retainedAt(url: string): Promise<readonly string[]> {
  const observer = await observe(url, '#');
  const client = await connectAsync(url);
  await client.publishAsync('end', 'of the retained messages', { qos: 1 });
  const topics = () => observer.messages.map(({ topic }) => topic);
  await until(() => topics().includes('end') || undefined);
  await client.endAsync();
  await observer.stop();
  return topics().filter((topic) => topic !== 'end');
}

describe.concurrent('the demo', { timeout: 180_000 }, () => {
  test('ends by itself with a summary of the faces that were seen, logged, published and served, and sends nothing to a foreign broker', async ({
    onTestFinished,
  }) => {
    // 1883 is the default port of brokers. Another run of the tests on this machine may have it for some seconds.
    const foreign = await until(() => startMosquitto({ port: 1883 }).catch(() => undefined));
    onTestFinished(() => foreign.stop());
    const observer = await observe(foreign.url, '#');
    const { stdout, stderr, code } = await runToSummary();
    expect(code, stdout + stderr).toBe(0);
    for (const check of ['seen', 'logged', 'published', 'served']) {
      expect(stdout).toMatch(new RegExp(`ok\\s+${check}\\s`));
    }
    expect(stdout).toMatch(/broker {6}mqtt:\/\/127\.0\.0\.1:\d+ \(built in\), topics mien-demo\//);
    expect(stdout).not.toMatch(/:1883\b/);
    expect(observer.messages).toEqual([]);
    await observer.stop();
  });

  test('at a given broker it uses its own topics, and leaves nothing retained', async ({ onTestFinished }) => {
    const given = await startMosquitto();
    onTestFinished(() => given.stop());
    const observer = await observe(given.url, 'mien-demo/#');
    const mien = runDemo('given', 'demo', '--set', `mqtt.url=${given.url}`);
    onTestFinished(async () => {
      await mien.stop('SIGKILL');
    });
    await mien.prints(/[1-9]\d* faces?: .*MQTT connected/);
    expect(await mien.stop()).toBe(0);
    expect(observer.messages.some(({ topic }) => topic.endsWith('/reading'))).toBe(true);
    await observer.stop();
    expect(await retainedAt(given.url)).toEqual([]);
  });

  test('exits 1 and names what is missing if nobody was seen', async () => {
    const mien = runDemo('nobody', 'still:TEST:', '--for', '5');
    expect(await mien.exited).toBe(1);
    expect(mien.stdout).toMatch(/FAIL\s+seen\s+0 faces/);
  });
});
