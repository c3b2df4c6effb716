/** The source of a control request. `key`: a key or button at the device. `governor`: the board is hot or short of power. */
export type ControlSource = 'http' | 'mqtt' | 'schedule' | 'key' | 'governor';

/** The sources in the log and on the state board. */
export const sourceNames: Readonly<Record<ControlSource, string>> = {
  http: 'an operator',
  mqtt: 'an MQTT command',
  schedule: 'the schedule',
  key: 'a key',
  governor: 'the governor',
};

/** The origin of a control request. */
export interface Actor {
  readonly source: ControlSource;
  /** The kind of credential that the source accepted, such as `session` or `token`; never the credential itself. */
  readonly principal?: string;
}

/** Copies of the log, and pictures, that leave the device. They change nothing, so no method of `Control` makes them. */
type CopyAction = 'export' | 'backup' | 'snapshot';

/** `request`: one that was refused before it reached an action. */
export type ControlAction =
  | 'pause'
  | 'resume'
  | 'restart-vision'
  | 'change-settings'
  | 'reset-settings'
  | 'apply-profile'
  | 'limit-rate'
  | 'request';

/**
 * Everything that changes the operation of the device. HTTP, MQTT commands, schedules and keys all call this one interface,
 * so that no path skips the audit. A method has taken effect when it returns.
 */
export interface Control<SettingsPatch> {
  /** Closes the camera until `resume`, also over a restart of the device. */
  pause(actor: Actor): void;
  resume(actor: Actor): void;
  /** Ends the vision process, which starts again at once. */
  restartVision(actor: Actor): void;
  /** @param patch a change that the schema of the live settings has accepted */
  changeSettings(patch: SettingsPatch, actor: Actor): void;
  /** Drops one override. @param path undefined for all overrides */
  resetSettings(path: string | undefined, actor: Actor): void;
  /**
   * Drops what the present profile overrides, and overrides the settings of this one. Overrides that were changed after the
   * present profile was applied stay.
   *
   * @param name of a configured profile; undefined for none
   * @throws MienError if no such profile is configured
   */
  applyProfile(name: string | undefined, actor: Actor): void;
  /**
   * Bounds the frames per second that are analysed, until the daemon ends. Each source has its own bound, and the lowest one
   * holds.
   *
   * @param fps undefined lifts the bound of this source
   */
  limitRate(fps: number | undefined, actor: Actor): void;
  /**
   * Audits a request that was refused before it reached another method, e.g. one that no schema accepts. The caller limits how
   * often: a sender must not fill the log.
   */
  refuse(refusal: Refusal, actor: Actor): void;
}

export interface Refusal {
  /** The request, as its source names it. */
  readonly request: string;
  /** One line. */
  readonly reason: string;
  /** Refused requests before this one that were not audited. */
  readonly unaudited: number;
}

/** One control request, one copy of the log or one picture, and its outcome. */
export interface AuditRecord {
  /** Wall clock, ms. */
  readonly ts: number;
  readonly actor: Actor;
  readonly action: ControlAction | CopyAction;
  /** `not-kept`: in effect, but it ends with the daemon, because the disk refused it. `failed`: not in effect. */
  readonly outcome: 'done' | 'not-kept' | 'failed';
  /** One line: why the outcome is not `done`. */
  readonly reason?: string;
  /** Parameters of the action, and its results. */
  readonly details?: Readonly<Record<string, unknown>>;
}

/** Receives each control request after it was carried out. Must return at once and must not throw. */
export type Audit = (record: AuditRecord) => void;
