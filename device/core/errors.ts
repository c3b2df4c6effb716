/** Exit codes of the command line, after BSD's sysexits.h. */
export const exitCode = {
  failure: 1,
  usage: 64,
  badData: 65,
  noInput: 66,
  unavailable: 69,
  internal: 70,
  cannotWrite: 73,
  tryAgain: 75,
  noPermission: 77,
  config: 78,
} as const;

export type ExitCode = (typeof exitCode)[keyof typeof exitCode];

/**
 * A fault that a user can repair. `message` names in one line the expected and the actual value; `remedy` names the repair.
 * The command line prints both without a stack and exits with `code`.
 */
export class MienError extends Error {
  override readonly name = 'MienError';
  readonly code: ExitCode;
  readonly remedy: string;

  constructor(message: string, options: { code: ExitCode; remedy: string; cause?: unknown }) {
    super(message, { cause: options.cause });
    this.code = options.code;
    this.remedy = options.remedy;
  }
}

/** One line for any thrown value; opencv4nodejs throws values without `.message`. */
export function describeError(error: unknown): string {
  if (error instanceof MienError) return `${error.message}. ${error.remedy}`;
  if (error instanceof Error) return firstLine(error.message);
  return firstLine(String(error));
}

function firstLine(text: string): string {
  return text.trim().split('\n', 1)[0] ?? '';
}
