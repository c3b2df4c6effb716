import { setTimeout as sleep } from 'node:timers/promises';
import { between, type Context, type Outcome, onStage } from '../stage.ts';

const upMs = { from: 200, to: 3000 };
const downMs = { from: 0, to: 1500 };
const reconnectMs = 8000;

/** Stops the broker with SIGTERM at random moments and starts it again. */
export function brokerRestarts(context: Context, count: number): Promise<Outcome> {
  return onStage('broker restarts', context, { devices: 2 }, async ({ broker, devices, recorder }) => {
    const faults: string[] = [];
    let slowest = 0;
    let upSince = performance.now();
    for (const device of devices) device.start();
    await Promise.all(devices.map((device) => device.untilFace()));
    for (let done = 1; done <= count; done += 1) {
      await sleep(between(context.random, upMs.from, upMs.to));
      await broker.stop('SIGTERM');
      await sleep(between(context.random, downMs.from, downMs.to));
      await broker.start();
      upSince = performance.now();
      for (const { name } of devices) {
        const tookMs = await broker.connected(name, upSince - 100, reconnectMs);
        if (tookMs === undefined) faults.push(`${name} was not back within ${reconnectMs / 1000} s of restart ${done}`);
        slowest = Math.max(slowest, tookMs ?? 0);
      }
      context.showProgress(`${done} of ${count} broker restarts, ${recorder.records.length} records`);
    }
    return {
      done: `${count} broker restarts (SIGTERM), 2 devices`,
      notes: [`connected again after ${Math.round(slowest)} ms at most`],
      faults,
    };
  });
}
