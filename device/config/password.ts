/** In characters. */
const minLength = 10;

/** The words that attackers try first, with the digits and signs that people append to them. */
const common =
  /^(mien|kiosk|camera|admin|administrator|operator|password|passwort|passwd|qwertz?(uiop)?|raspberry(pi)?|welcome|changeme|letmein|secret|default|iloveyou)+[\W\d_]*$/i;

/** Why a password is too weak to protect a camera; undefined if it is strong enough. */
export function whyWeak(password: string): string | undefined {
  const length = [...password].length;
  if (length < minLength) return `expected ${minLength} characters or more, got ${length}`;
  if (length > 1024) return `expected at most 1024 characters, got ${length}`;
  if (new Set(password).size < 5) return 'expected five different characters or more';
  if (isSequence(password)) return 'expected no plain sequence of characters';
  if (common.test(password)) return 'expected none of the most usual passwords';
  return undefined;
}

/** `1234567890`, `abcdefghijk` */
function isSequence(text: string): boolean {
  const codes = [...text].map((character) => character.codePointAt(0)!);
  const steps = codes.slice(1).filter((code, index) => Math.abs(code - codes[index]!) === 1).length;
  return steps >= codes.length - 2;
}
