import { findSetting } from './settings.ts';

/** Stands where a secret was. */
export const masked = '***';

/** A value as it may be shown: secrets and the passwords in URLs are masked. */
export function maskValue(path: string, value: unknown): unknown {
  if (value === undefined) return undefined;
  if (findSetting(path)?.secret) return masked;
  return typeof value === 'string' ? maskUrls(value) : value;
}

/** `rtsp://user:secret@host` becomes `rtsp://user:***@host`; also inside a longer text. */
export function maskUrls(text: string): string {
  return text.replaceAll(/(\b[a-z][a-z0-9+.-]*:\/\/[^\s/:@]*):[^\s/]*@/gi, `$1:${masked}@`);
}
