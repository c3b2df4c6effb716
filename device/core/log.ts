import type { Logger } from 'pino';

/** The logger of a part: the methods of pino's logger that parts use. */
export type Log = Pick<Logger, 'debug' | 'info' | 'warn' | 'error' | 'child' | 'level'>;
