import type { LiveConfig } from '../config/live.ts';
import type { LiveSettingsPatch } from '../config/live-settings.ts';
import type { Clock } from '../core/clock.ts';
import {
  type Actor,
  type Audit,
  type AuditRecord,
  type Control,
  type ControlAction,
  type ControlSource,
  type Refusal,
  sourceNames,
} from '../core/control.ts';
import { describeError } from '../core/errors.ts';
import type { Part } from '../core/lifecycle.ts';
import type { Log } from '../core/log.ts';
import type { VisionSupervisor } from '../vision/supervise/supervisor.ts';
import type { PauseMark } from './pause-mark.ts';

export interface DeviceControlDeps {
  readonly settings: Pick<LiveConfig, 'change' | 'reset' | 'applyProfile' | 'overrides'>;
  readonly vision: Pick<VisionSupervisor, 'pause' | 'restart' | 'limitRate'>;
  readonly pauseMark: Pick<PauseMark, 'isSet' | 'keep'>;
  readonly audit: Audit;
  readonly clock: Clock;
  readonly log: Log;
}

type Outcome = Pick<AuditRecord, 'outcome' | 'reason' | 'details'>;

const done: Outcome = { outcome: 'done' };

/** The control of this device. Each request is carried out first and audited afterwards, with its outcome. */
export class DeviceControl implements Control<LiveSettingsPatch>, Part {
  readonly name = 'control';
  readonly #deps: DeviceControlDeps;
  readonly #rateLimits = new Map<ControlSource, number>();

  constructor(deps: DeviceControlDeps) {
    this.#deps = deps;
  }

  /** Restores a pause from before the restart. Must run before the vision process starts. */
  start(): void {
    const { pauseMark, vision, log } = this.#deps;
    if (!pauseMark.isSet) return;
    log.info('Paused before this start: the camera stays closed until an operator resumes it, on /admin');
    vision.pause(true);
  }

  pause(actor: Actor): void {
    this.#carryOut('pause', actor, () => {
      // The camera closes before the disk is waited for.
      this.#deps.vision.pause(true);
      return { outcome: this.#deps.pauseMark.keep(true) ? 'done' : 'not-kept' };
    });
  }

  resume(actor: Actor): void {
    this.#carryOut('resume', actor, () => {
      // The camera opens after the disk was waited for.
      const isKept = this.#deps.pauseMark.keep(false);
      this.#deps.vision.pause(false);
      return { outcome: isKept ? 'done' : 'not-kept' };
    });
  }

  restartVision(actor: Actor): void {
    this.#carryOut('restart-vision', actor, () => {
      this.#deps.vision.restart(sourceNames[actor.source]);
      return done;
    });
  }

  changeSettings(patch: LiveSettingsPatch, actor: Actor): void {
    this.#carryOut('change-settings', actor, () => {
      this.#deps.settings.change(patch);
      return this.#settingsOutcome();
    });
  }

  resetSettings(path: string | undefined, actor: Actor): void {
    this.#carryOut('reset-settings', actor, () => {
      this.#deps.settings.reset(path);
      return this.#settingsOutcome();
    });
  }

  applyProfile(name: string | undefined, actor: Actor): void {
    this.#carryOut('apply-profile', actor, () => {
      this.#deps.settings.applyProfile(name);
      const { details, ...outcome } = this.#settingsOutcome();
      return { ...outcome, details: { profile: name ?? 'none', ...details } };
    });
  }

  limitRate(fps: number | undefined, actor: Actor): void {
    this.#carryOut('limit-rate', actor, () => {
      if (fps === undefined) this.#rateLimits.delete(actor.source);
      else this.#rateLimits.set(actor.source, fps);
      const limit = Math.min(...this.#rateLimits.values());
      this.#deps.vision.limitRate(limit);
      return { ...done, details: { fps: fps ?? 'none', limit: Number.isFinite(limit) ? limit : 'none' } };
    });
  }

  refuse({ reason, ...details }: Refusal, actor: Actor): void {
    const { audit, clock } = this.#deps;
    audit({ ts: clock.now(), actor, action: 'request', outcome: 'failed', reason, details: { ...details } });
  }

  #settingsOutcome(): Outcome {
    const { paths, isKept, fault } = this.#deps.settings.overrides;
    const details = { changed: paths };
    if (isKept || fault === undefined) return { ...done, details };
    return { outcome: 'not-kept', reason: `The change of settings ends with the daemon: ${fault}`, details };
  }

  #carryOut(action: ControlAction, actor: Actor, act: () => Outcome): void {
    const { audit, clock } = this.#deps;
    const request = { ts: clock.now(), actor, action };
    let outcome: Outcome;
    try {
      outcome = act();
    } catch (error) {
      audit({ ...request, outcome: 'failed', reason: describeError(error) });
      throw error;
    }
    audit({ ...request, ...outcome });
  }
}
