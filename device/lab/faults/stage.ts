import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { FaultBroker, type FaultBrokerOptions } from './broker.ts';
import { FaultDevice, type FaultDeviceDeps } from './device.ts';
import { Recorder } from './recorder.ts';
import { isClean, judge, type Verdict } from './verdict.ts';

export interface Context {
  /** Scratch folder of the whole run. */
  readonly folder: string;
  /** Random numbers in [0, 1) from the seed. */
  readonly random: () => number;
  readonly quick: boolean;
  /** Shows progress. */
  readonly showProgress: (line: string) => void;
}

/** Result of a scenario. */
export interface Outcome {
  readonly scenario: string;
  /** Actions, with figures. */
  readonly done: string;
  /** Absent where nothing was to be compared. */
  readonly verdict?: Verdict;
  readonly integrityChecks: number;
  /** Measurements, in one line each. */
  readonly notes: readonly string[];
  /** Faults; empty if the scenario passed. */
  readonly faults: readonly string[];
}

/** Result of an act: its actions, measurements and faults. */
export type Finding = Pick<Outcome, 'done' | 'notes' | 'faults'>;

export interface Stage {
  readonly broker: FaultBroker;
  readonly recorder: Recorder;
  readonly devices: readonly FaultDevice[];
}

export interface StageOptions {
  readonly devices: number;
  readonly broker?: Omit<FaultBrokerOptions, 'folder'>;
  /** Of each device. */
  readonly device?: Pick<FaultDeviceDeps, 'through' | 'settings'> & { readonly url?: (port: number) => string };
}

/** Runs a scenario on a broker, a recorder and devices of its own; then lets everything arrive and compares it with the databases. */
export async function onStage(
  scenario: string,
  context: Context,
  options: StageOptions,
  act: (stage: Stage) => Promise<Finding>,
): Promise<Outcome> {
  const folder = join(context.folder, scenario.replaceAll(' ', '-'));
  mkdirSync(folder);
  const broker = await FaultBroker.start({ folder, ...options.broker });
  const recorder = new Recorder(broker.url);
  await recorder.start();
  const { url = () => broker.url, ...device } = options.device ?? {};
  const devices = Array.from(
    { length: options.devices },
    (_, index) => new FaultDevice({ name: `faults-${index + 1}`, folder, url: url(broker.port), recorder, ...device }),
  );
  try {
    const finding = await act({ broker, recorder, devices });
    for (const each of devices) await each.settle();
    return outcomeOf(scenario, finding, { broker, recorder, devices });
  } finally {
    await Promise.all(devices.map((each) => each.kill()));
    await recorder.stop();
    await broker.stop('SIGKILL');
  }
}

function outcomeOf(scenario: string, { done, notes, faults }: Finding, { recorder, devices }: Stage): Outcome {
  const verdict = judge(
    devices.flatMap((device) => device.database.rows()),
    recorder.records,
  );
  const slowest = Math.max(...devices.map(({ slowestStopMs }) => slowestStopMs));
  return {
    ...{ scenario, done, verdict },
    integrityChecks: devices.reduce((sum, device) => sum + device.integrityChecks, 0),
    notes: [...notes, `clean stop of the daemon ${Math.round(slowest)} ms at most`],
    faults: [...faults, ...devices.flatMap((device) => device.faults), ...describe(verdict)],
  };
}

export function describe(verdict: Verdict): string[] {
  if (verdict.visits === 0 || verdict.minutes === 0) return ['no visit or no minute was made: nothing was tested'];
  if (isClean(verdict)) return [];
  const { lost, foreign, changed, misordered } = verdict;
  const lists = { lost, 'new ids': foreign, changed, misordered };
  return Object.entries(lists).flatMap(([name, ids]) =>
    ids.length > 0 ? [`${ids.length} ${name}: ${ids.slice(0, 5).join(', ')}`] : [],
  );
}

/** A number from `from` to `to`. */
export function between(random: () => number, from: number, to: number): number {
  return from + random() * (to - from);
}
