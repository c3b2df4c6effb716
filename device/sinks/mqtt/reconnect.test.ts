import { setTimeout as sleep } from 'node:timers/promises';
import { expect, test } from 'vitest';
import { brokerConnections } from '../../lab/fixtures/broker-connection.ts';
import { freePort, startMosquitto } from '../../lab/fixtures/mosquitto.ts';
import { until } from '../../lab/fixtures/mqtt-sink.ts';
import { type FailedAttempt, ReconnectDelay } from './reconnect.ts';

const { connectionTo, afterTest } = brokerConnections();
const unreachable: FailedAttempt = { isRefused: false, attemptMs: 0 };

/** The numbers of a linear congruential generator, so that each run is the same. */
function seeded(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state * 1_664_525 + 1_013_904_223) % 2 ** 32;
    return state / 2 ** 32;
  };
}

const delays = (delay: ReconnectDelay, count: number, attempt = unreachable) =>
  Array.from({ length: count }, () => delay.next(attempt));

test('a broker that is away is tried at intervals that grow, and stay below 5 s', () => {
  expect(delays(new ReconnectDelay(undefined, () => 1), 5)).toEqual([1000, 2000, 4500, 4500, 4500]);
  expect(delays(new ReconnectDelay(undefined, () => 0), 5)).toEqual([300, 600, 1350, 1350, 1350]);
});

test('delays grow to 30 s while the broker refuses this device, and are short again when it is unreachable', () => {
  const delay = new ReconnectDelay(undefined, () => 1);
  const refused = { isRefused: true, attemptMs: 20 };
  expect(delays(delay, 6, refused)).toEqual([1000, 1980, 4480, 9980, 29_980, 29_980]);
  expect(delay.next(unreachable)).toBe(1000);
});

test('the time of an attempt without an answer counts', () => {
  expect(delays(new ReconnectDelay(undefined, () => 1), 4, { isRefused: false, attemptMs: 10_000 })).toEqual([
    1000, 1000, 1000, 1000,
  ]);
});

test('a connection of 10 s resets the delay; a shorter one does not, as that of two devices with one name', () => {
  const delay = new ReconnectDelay(undefined, () => 1);
  expect(delays(delay, 4, { ...unreachable, connectedMs: 900 })).toEqual([1000, 2000, 4500, 4500]);
  expect(delays(delay, 2, { ...unreachable, connectedMs: 10_000 })).toEqual([1000, 1000]);
});

test('a fleet comes back within 5 s of the return of the broker, and not at one moment', () => {
  const random = seeded(25);
  const returnsAt = 3 * 60_000;
  const devices = Array.from({ length: 1000 }, () => new ReconnectDelay(undefined, random));
  const cameBack = devices.map((delay) => {
    let at = delay.next({ ...unreachable, connectedMs: 60_000 });
    while (at < returnsAt) at += delay.next(unreachable);
    return at - returnsAt;
  });
  expect(Math.max(...cameBack)).toBeLessThan(5000);
  const perTenthOfASecond = cameBack.map((ms) => Math.floor(ms / 100));
  const max = Math.max(...perTenthOfASecond.map((slot) => perTenthOfASecond.filter((each) => each === slot).length));
  expect(max).toBeLessThan(100);
});

test('a broker that goes up and down every few seconds', { timeout: 60_000 }, async () => {
  const port = await freePort();
  const { connectedAt } = connectionTo(`mqtt://127.0.0.1:${port}`, { reconnectMs: undefined });
  for (let flap = 1; flap <= 4; flap += 1) {
    await sleep(1500);
    const returnedAt = performance.now();
    const broker = await startMosquitto({ port });
    afterTest(() => broker.stop());
    await until(() => expect(connectedAt).toHaveLength(flap));
    expect(connectedAt.at(-1)! - returnedAt).toBeLessThan(5000);
    await sleep(1000);
    await broker.stop();
  }
});
