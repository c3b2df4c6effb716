/** The source of a control request. `key`: a key or button at the device. `governor`: the board is hot or short of power. */
export type ControlSource = 'http' | 'mqtt' | 'schedule' | 'key' | 'governor';

/** The origin of a control request. */
export interface Actor {
  readonly source: ControlSource;
  /** The kind of credential that the source accepted, such as `session` or `token`; never the credential itself. */
  readonly principal?: string;
}

/** Copies of the log that leave the device. They change nothing, so no method of `Control` makes them. */
type CopyAction = 'export' | 'backup';

export type ControlAction = 'pause' | 'resume' | 'restart-vision' | 'change-settings' | 'reset-settings' | 'limit-rate';

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
  /** Bounds the frames per second that are analysed. Each source has its own bound, and the lowest one holds. */
  limitRate(fps: number, actor: Actor): void;
}

/** One control request, or one copy of the log, and its outcome. */
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
