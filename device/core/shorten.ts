/** Most characters of a stranger's text in a log or an answer. */
const maxLength = 200;

export function shorten(text: string): string {
  return text.length > maxLength ? `${text.slice(0, maxLength - 3)}...` : text;
}

/** What a log needs of a fault, of which parts may be a stranger's text: its kind, its beginning, and where it was thrown. */
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
