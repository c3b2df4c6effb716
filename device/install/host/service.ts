import { type Host, runOrFail } from './host.ts';

/** A stop may take `TimeoutStopSec`, a job of systemd some seconds more. Reading all units takes long on a slow card. */
export const jobMs = 60_000;

export interface ServiceState {
  /** Running, or on its way there. */
  readonly isActive: boolean;
  /** Starts by systemd after faults, since it was last started by hand. */
  readonly restarts: number;
  readonly pid: number;
  /** `active`, `activating`, `failed`, `inactive`; empty without systemd. */
  readonly state: string;
}

export async function serviceState(host: Host, unit: string): Promise<ServiceState> {
  const { stdout } = await host.run('systemctl', ['show', '-p', 'ActiveState,NRestarts,MainPID', unit]);
  const value = (name: string) => new RegExp(`^${name}=(.*)$`, 'm').exec(stdout)?.[1] ?? '';
  const state = value('ActiveState');
  return {
    state,
    isActive: state === 'active' || state === 'activating' || state === 'reloading',
    restarts: Number(value('NRestarts')) || 0,
    pid: Number(value('MainPID')) || 0,
  };
}

/** Stops a service, if it runs. @throws MienError if systemd cannot */
export async function stopService(host: Host, unit: string): Promise<void> {
  await runOrFail(host, 'systemctl', ['stop', unit], jobMs);
}

/** Starts a service without waiting until it is ready: who starts it watches it. Its count of restarts begins at 0. */
export async function startService(host: Host, unit: string): Promise<void> {
  // A unit that is not failed, or was never started, has nothing to reset.
  await host.run('systemctl', ['reset-failed', unit]);
  await runOrFail(host, 'systemctl', ['start', '--no-block', unit], jobMs);
}

export async function isEnabled(host: Host, unit: string): Promise<boolean> {
  return (await host.run('systemctl', ['is-enabled', '--quiet', unit])).code === 0;
}
