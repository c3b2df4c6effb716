/** `viewer`: sees the picture and the log. `operator`: also changes things, and sees configuration and logs. */
export type Role = 'viewer' | 'operator';

/** Who asks. `by` says what for it was believed. */
export interface Principal {
  readonly role: Role | undefined;
  readonly by: 'nothing' | 'loopback' | 'token' | 'session';
  /** A browser may send the token by itself, as it keeps the password of Basic. */
  readonly isAmbient?: boolean;
  /** The id of the session, where there is one. */
  readonly session?: string;
  /** When the session ends unless it is used, in ms since 1970. */
  readonly expires?: number;
  /** Aborts when the session ends, so that a stream that it opened ends too. */
  readonly ended?: AbortSignal;
}

declare module 'hono' {
  interface ContextVariableMap {
    principal: Principal;
  }
}

export function isAllowed(has: Role | undefined, needed: Role): boolean {
  return has === 'operator' || (has !== undefined && has === needed);
}
