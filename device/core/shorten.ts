/** Maximum number of characters of untrusted text in a log or an answer. */
const maxLength = 200;

export function shorten(text: string): string {
  return text.length > maxLength ? `${text.slice(0, maxLength - 3)}...` : text;
}

/** A fault for the log: type, shortened message and stack. Parts of a fault may be untrusted text. */
export function briefFault(error: unknown): { type: string; code?: unknown; message: string; stack?: string } {
  if (!(error instanceof Error)) return { type: typeof error, message: shorten(String(error)) };
  const { code } = error as NodeJS.ErrnoException;
  const frames = error.stack
    ?.match(/^ {4}at .*$/gm)
    ?.slice(0, 20)
    .join('\n');
  return {
    type: error.name,
    ...(code !== undefined && { code: shorten(String(code)) }),
    message: shorten(error.message),
    ...(frames && { stack: frames }),
  };
}
