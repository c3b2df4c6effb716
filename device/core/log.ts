import type { Logger } from 'pino';

/** The logger that parts are handed; pino's, of which they use `debug`, `info`, `warn` and `error`. */
export type Log = Pick<Logger, 'debug' | 'info' | 'warn' | 'error' | 'child' | 'level'>;
