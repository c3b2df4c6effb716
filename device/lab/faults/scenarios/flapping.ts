import { setTimeout as sleep } from 'node:timers/promises';
import { type Context, type Outcome, onStage } from '../stage.ts';

const upMs = 3000;
const downMs = 5000;
/** The next try after the return of the broker, with the time of its handshake. */
const nextTryMs = 5500;

/** A broker that is up for 3 s and down for 5 s, again and again. */
export function flapping(context: Context, cycles: number): Promise<Outcome> {
  return onStage('flapping broker', context, { devices: 2 }, async ({ broker, devices, recorder }) => {
    for (const device of devices) device.start();
    await Promise.all(devices.map((device) => device.untilFace()));
    for (let done = 1; done <= cycles; done += 1) {
      await broker.stop('SIGTERM');
      await sleep(downMs);
      await broker.start();
      if (done < cycles) await sleep(upMs);
      context.showProgress(`${done} of ${cycles} times down and up, ${recorder.records.length} records`);
    }
    const returned = performance.now();
    const waits = await Promise.all(
      devices.map(async ({ name }) => ({ name, ms: await broker.connected(name, returned - 100, 60_000) })),
    );
    const late = waits.filter(({ ms }) => ms === undefined || ms > nextTryMs);
    return {
      done: `${cycles} times ${downMs / 1000} s down and ${upMs / 1000} s up, 2 devices`,
      notes: [`connected ${waits.map(({ ms }) => Math.round(ms ?? Number.NaN)).join(' and ')} ms after the return`],
      faults: late.map(
        ({ name, ms }) => `${name} connected ${Math.round(ms ?? 60_000)} ms after the return, limit ${nextTryMs} ms`,
      ),
    };
  });
}
