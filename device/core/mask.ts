/** Stands where a secret was. */
export const masked = '***';

/**
 * The text with every URL in it stripped of what may be a password: all before the last `@` (passwords are often written
 * unescaped, with `/`, `#` or `?` in them), and all from the first `?`, `#`, `&`, `;` or `=` on (many cameras take theirs
 * there, some of them in the path). Rather too much than too little; the text around the URLs stays.
 */
export function maskUrls(text: string): string {
  return text.replaceAll(/(\b[a-z][a-z0-9+.-]*:\/\/)(\S+)/gi, (_url, scheme: string, rest: string) => {
    // What closes a sentence or a quotation is not part of the address.
    const after = /["'`<>()[\]{}.,:;!]*$/.exec(rest)?.[0] ?? '';
    return scheme + maskAddress(rest.slice(0, rest.length - after.length)) + after;
  });
}

function maskAddress(rest: string): string {
  const at = rest.lastIndexOf('@');
  const address = rest.slice(at + 1);
  const secretFrom = address.search(/[?#&;=]/);
  const shown = secretFrom === -1 ? address : `${address.slice(0, secretFrom + 1)}${masked}`;
  return at === -1 ? shown : `${masked}@${shown}`;
}
