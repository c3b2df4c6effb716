import { setTimeout as sleep } from 'node:timers/promises';
import type { FaultDevice } from '../device.ts';
import { between, type Context, type Outcome, onStage } from '../stage.ts';
import { checkStays } from '../stays.ts';

/** Moments of the kills, in ms after an event; a random number selects one. */
const moments = [
  { below: 0.15, after: 'start', from: 20, to: 2500 },
  { below: 0.3, after: 'page', from: 0, to: 2000 },
  { below: 1, after: 'face', from: 0, to: 7000 },
] as const;

/** Kills daemons at random moments: while they start, run, and send what an earlier start has left. */
export function kills(context: Context, count: number, lanes: number): Promise<Outcome> {
  return onStage('kills', context, { devices: Math.min(lanes, count) }, async ({ devices, recorder }) => {
    let done = 0;
    const lane = async (device: FaultDevice) => {
      while (done < count) {
        done += 1;
        device.start();
        await untilMoment(device, context.random);
        await device.kill();
        context.showProgress(`${done} of ${count} kills, ${recorder.records.length} records`);
      }
    };
    await Promise.all(devices.map(lane));
    // The next start closes the stays of the last kill. What it logs itself is no part of the check.
    const { sights } = recorder;
    const killed = sights.length;
    for (const device of devices) await device.settle();
    const stays = checkStays(
      sights.slice(0, killed),
      devices.flatMap((device) => device.database.visits()),
    );
    const cutMinutes = new Set(
      recorder.records.filter(({ kind, cut }) => kind === 'minute' && cut).map(({ id }) => id),
    );
    return {
      done: `${count} kills (SIGKILL) in ${devices.length} data folders`,
      notes: [
        `${stays.closed} stays in progress closed as cut visits, dwell short by ${stays.worstShortfallMs} ms at most; ${cutMinutes.size} cut minutes`,
      ],
      faults: stays.faults,
    };
  });
}

async function untilMoment(device: FaultDevice, random: () => number): Promise<void> {
  const number = random();
  const moment = moments.find(({ below }) => number < below) ?? moments[2];
  if (moment.after === 'page') await device.untilRunning();
  if (moment.after === 'face') await device.untilFace();
  await sleep(between(random, moment.from, moment.to));
}
