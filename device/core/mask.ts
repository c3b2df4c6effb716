/** Replaces a secret. */
export const masked = '***';

/** Returns the text with its secrets masked. */
export type Mask = (text: string) => string;

/** `rtsp://...`, also with a missing slash. */
const schemed = /^(.*?)(\b[a-z][a-z0-9+.-]*:\/\/|\b(?:rtsps?|https?|mqtts?|wss?):\/?)(.*)$/is;

/**
 * The address of a camera or a broker without secrets: scheme, host and port. Cameras take passwords before the host, in the
 * path and after it, with blanks and unescaped, so all of that is masked. Text that is not an address stays as it is.
 */
export function maskAddress(address: string): string {
  const [, before, scheme, rest] = schemed.exec(address) ?? [];
  if (scheme === undefined || rest === undefined) return address;
  const authority = /^[^/?#]*/.exec(rest)![0];
  const after = rest.slice(authority.length);
  const at = authority.lastIndexOf('@');
  const host = authority.slice(at + 1);
  // Where an @ follows, the apparent host may be the user name, and the apparent path the password.
  const isHost = !after.includes('@') && /^(\[[\da-f:.]+\]|[\w.-]*)(:\d*)?$/i.test(host);
  const shown = isHost ? `${at === -1 ? '' : `${masked}@`}${host}${after.length > 1 ? `/${masked}` : after}` : masked;
  return before + scheme + shown;
}

/** Minimum length of a masked part. Shorter parts occur in ordinary texts, and masking them there would reveal them. */
const minSecretLength = 6;

/**
 * Masks the known secrets in finished texts, wherever a library or a message repeats them.
 *
 * @param addresses of the camera and the broker, as configured
 * @param secrets passwords and tokens
 */
export function createMask(addresses: readonly string[], secrets: readonly string[] = []): Mask {
  const known = new Map(secrets.filter((secret) => secret.length >= minSecretLength).map((secret) => [secret, masked]));
  for (const address of addresses) for (const [part, shown] of secretParts(address)) known.set(part, shown);
  // The longest first: a password may be part of a longer one.
  const parts = [...known].sort(([a], [b]) => b.length - a.length);
  return (text) => maskUrls(parts.reduce((all, [part, shown]) => all.replaceAll(part, shown), text));
}

/** Each secret part of an address, in the spellings of the user and of libraries, with its replacement. */
function secretParts(address: string): [string, string][] {
  const forms = [address, address.trim(), URL.canParse(address) ? new URL(address).href : ''];
  return forms.flatMap((form) => {
    const rest = schemed.exec(form)?.[3];
    if (rest === undefined || maskAddress(form) === form) return [];
    const whole: [string, string][] = [[form, maskAddress(form)]];
    const at = rest.lastIndexOf('@');
    // Also without the credentials: `host/path`.
    if (/[^/?#]*[/?#]./.test(rest.slice(at + 1)))
      whole.push([rest.slice(at + 1), maskAddress(`x://${rest.slice(at + 1)}`).slice(4)]);
    if (at === -1) return whole;
    const credentials = rest.slice(0, at);
    const password = credentials.slice(credentials.indexOf(':') + 1);
    const written = [credentials, ...(password.length >= minSecretLength ? [password] : [])];
    return [
      ...whole,
      ...written.flatMap((text): [string, string][] => [
        [text, masked],
        [decoded(text), masked],
      ]),
    ];
  });
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text; // Not percent-encoded: the % is part of the text.
  }
}

/** The value with each text in it masked. */
export function maskAll<T>(value: T, mask: Mask): T {
  return JSON.parse(JSON.stringify(value), (_key, part: unknown) =>
    typeof part === 'string' ? mask(part) : part,
  ) as T;
}

/**
 * Masks possible passwords in every URL of a text, for texts whose addresses are not known: everything before the last `@`
 * (passwords often contain an unescaped `/`, `#` or `?`), and everything after the first `?`, `#`, `&`, `;` or `=` (many
 * cameras take the password there, some in the path). It masks too much rather than too little; the text around a URL stays.
 */
export function maskUrls(text: string): string {
  return text.replaceAll(/(\b[a-z][a-z0-9+.-]*:\/\/)(\S+)/gi, (_url, scheme: string, rest: string) => {
    // Closing punctuation and quotes are not part of the address.
    const after = /["'`<>()[\]{}.,:;!]*$/.exec(rest)?.[0] ?? '';
    return scheme + maskRest(rest.slice(0, rest.length - after.length)) + after;
  });
}

function maskRest(rest: string): string {
  const at = rest.lastIndexOf('@');
  const address = rest.slice(at + 1);
  const secretFrom = address.search(/[?#&;=]/);
  const shown = secretFrom === -1 ? address : `${address.slice(0, secretFrom + 1)}${masked}`;
  return at === -1 ? shown : `${masked}@${shown}`;
}
