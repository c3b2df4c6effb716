// @ts-check

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
