import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, expect, test, vi } from 'vitest';
import { systemClock } from '../../core/clock.ts';
import { silentLog } from '../../lab/fixtures/http-fixture.ts';
import { freePort, startMosquitto } from '../../lab/fixtures/mosquitto.ts';
import { BrokerConnection, type ConnectionDeps } from './connection.ts';

const base = { clientId: 'mien-test', clock: systemClock, log: silentLog, reconnectMs: [20] };
const cleanups: (() => unknown)[] = [];
afterEach(async () => {
  vi.useRealTimers();
  for (const cleanup of cleanups.splice(0).reverse()) await cleanup();
});

/** A connection that its user stops at the first fault, and the number of its attempts. */
function stoppedAtFault(change: Pick<ConnectionDeps, 'url' | 'tls'>) {
  const seen = { attempts: 0 };
  const connection = new BrokerConnection({
    ...base,
    ...change,
    onConnected: () => undefined,
    onOffline() {
      seen.attempts += 1;
      void connection.stop(false);
    },
  });
  connection.start();
  return seen;
}

test('a stop within the report of an attempt that fails is the end of the attempts', async () => {
  const seen = stoppedAtFault({ url: `mqtt://127.0.0.1:${await freePort()}` });
  await sleep(300);
  expect(seen.attempts).toBe(1);
});

test('a stop within the report of an attempt that throws leaves no timer, which would keep the program alive', () => {
  vi.useFakeTimers();
  const seen = stoppedAtFault({ url: 'mqtts://127.0.0.1:1', tls: { ca: '/missing/ca.pem' } });
  expect(seen.attempts).toBe(1);
  expect(vi.getTimerCount()).toBe(0);
});

test('a connection that was stopped does not start', async () => {
  const broker = await startMosquitto();
  cleanups.push(() => broker.stop());
  const calls: string[] = [];
  const connection = new BrokerConnection({
    ...base,
    url: broker.url,
    onConnected: () => calls.push('connected'),
    onOffline: (reason) => calls.push(reason),
  });
  cleanups.push(() => connection.stop(false));
  await connection.stop(true);
  connection.start();
  await sleep(300);
  expect(calls).toEqual([]);
});
