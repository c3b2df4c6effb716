/** `viewer`: sees the picture and the logged results. `operator`: also changes things, and sees configuration and logs. */
export type Role = 'viewer' | 'operator';

/** The authenticated caller of a request. `by` is the means of authentication. */
export interface Principal {
  readonly role: Role | undefined;
  readonly by: 'nothing' | 'loopback' | 'token' | 'session';
  /** The browser may send the token on its own, because it stores the password of Basic. */
  readonly isAmbient?: boolean;
  /** The id of the session, if there is one. */
  readonly session?: string;
  /** When the session ends unless it is used, in ms since 1970. */
  readonly expires?: number;
  /** Aborts when the session ends, so that its streams end too. */
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
