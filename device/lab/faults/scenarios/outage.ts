import { setTimeout as sleep } from 'node:timers/promises';
import { type Context, type Outcome, onStage } from '../stage.ts';

/** A broker that is away while one device runs and another one is killed and started again. */
export function outage(context: Context, seconds: number): Promise<Outcome> {
  return onStage('outage', context, { devices: 2 }, async ({ broker, devices, recorder }) => {
    const [steady, killed] = devices as [(typeof devices)[number], (typeof devices)[number]];
    for (const device of devices) device.start();
    await Promise.all(devices.map((device) => device.untilFace()));
    await sleep(2000);
    await broker.stop('SIGTERM');
    const from = Date.now();
    for (const part of [1, 2, 3]) {
      context.showProgress(`outage of ${seconds} s, part ${part} of 3`);
      await sleep((seconds * 1000) / 3);
      if (part === 3) break;
      await killed.kill();
      killed.start();
    }
    const until = Date.now();
    await broker.start();
    await broker.connected(steady.name, 0, 20_000);
    for (const device of devices) await device.settle();
    const inside = recorder.records.filter(({ ts }) => ts > from + 1000 && ts < until - 1000);
    const asLive = inside.filter(({ historical }) => !historical).map(({ id }) => id);
    return {
      done: `${seconds} s without a broker, 2 devices, one killed twice meanwhile`,
      notes: [`${inside.length} records of that time arrived later`],
      faults:
        asLive.length > 0 ? [`${asLive.length} of them not marked historical: ${asLive.slice(0, 5).join(', ')}`] : [],
    };
  });
}
