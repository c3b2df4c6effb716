// @ts-check
import { fileURLToPath } from 'node:url';

/** A fault that the user can do something about: one line for what is wrong, one for what to do. */
export class SetupFault extends Error {
  /**
   * @param {string} message
   * @param {{ remedy: string, code?: number, lastLines?: readonly string[], logFile?: string }} options `code`: exit code
   */
  constructor(message, options) {
    super(message);
    this.name = 'SetupFault';
    this.remedy = options.remedy;
    this.code = options.code ?? 1;
    this.lastLines = options.lastLines ?? [];
    this.logFile = options.logFile;
  }

  /** What is printed: the end of the log if there is one, then the fault, then the remedy. */
  get text() {
    const log = this.lastLines.map((line) => `  | ${line}\n`).join('');
    const where = this.logFile ? ` (all of it: ${this.logFile})` : '';
    return `${log}mien: ${this.message}${where}. ${this.remedy}`;
  }
}

/**
 * Faults of the file system whose cause is outside of Mien: what is wrong, and what to do.
 * @type {Readonly<Record<string, (path: string) => [message: string, remedy: string]>>}
 */
const fileFaults = {
  ENOSPC: (path) => [`the disk of ${path} is full`, 'Free some space on it, then start again.'],
  EDQUOT: (path) => [`your share of the disk of ${path} is used up`, 'Free some space on it, then start again.'],
  EROFS: (path) => [`the disk of ${path} is read-only`, 'Mount it for writing, then start again.'],
  EISDIR: (path) => [`${path} is a folder, expected a file`, 'Remove or rename it, then start again.'],
  EACCES: noPermission,
  EPERM: noPermission,
};

/**
 * @param {string} path
 * @returns {[message: string, remedy: string]}
 */
function noPermission(path) {
  const checkout = fileURLToPath(new URL('../..', import.meta.url)).replace(/\/$/, '');
  const what = path.startsWith(`${checkout}/`) ? checkout : path; // One such file in the checkout is seldom alone.
  return [
    `no permission for ${path}`,
    `Another user owns it, perhaps since a start with sudo: sudo chown -R "$(id -un)" "${what}"`,
  ];
}

/**
 * A full disk, or a file of another user, as a fault of one line.
 * @param {unknown} error
 * @param {string} [path] where the error does not say it, as on a write to an open file
 * @returns {SetupFault | undefined} undefined for any other error
 */
export function asFileFault(error, path) {
  if (!(error instanceof Error)) return undefined;
  const { code = '', path: where = path ?? 'a file of the checkout' } = /** @type {NodeJS.ErrnoException} */ (error);
  const describe = fileFaults[code];
  if (describe === undefined) return undefined;
  const [message, remedy] = describe(where);
  return new SetupFault(`${message} (${code})`, { remedy, code: 73 });
}
