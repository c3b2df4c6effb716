/** Result of the check of one part. */
export interface Finding {
  readonly part: string;
  readonly state: 'ok' | 'warn' | 'fail';
  /** One line. */
  readonly detail: string;
  /** Remedy; set for every `warn` and `fail`. */
  readonly remedy?: string;
}

export function ok(part: string, detail: string): Finding {
  return { part, state: 'ok', detail };
}

/** Mien works, but not as well as it could. */
export function warn(part: string, detail: string, remedy: string): Finding {
  return { part, state: 'warn', detail, remedy };
}

/** Mien does not work, or loses something. */
export function fail(part: string, detail: string, remedy: string): Finding {
  return { part, state: 'fail', detail, remedy };
}
