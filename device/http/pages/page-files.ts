import { readFile } from 'node:fs/promises';

/** Attributes for the <html> of each page, e.g. `data-text-scale="1.2"`. */
export type PageAttributes = Readonly<Record<string, string | number>>;

/** A built page with these attributes. @throws if the file is missing */
export async function readPage(file: string, attributes: PageAttributes): Promise<string> {
  const written = Object.entries(attributes).map(([key, value]) => ` data-${kebab(key)}="${escaped(value)}"`);
  // A replacement function, because `$&` in a title has a meaning in a replacement string.
  return (await readFile(file, 'utf8')).replace(/<html[^>]*/, (tag) => tag + written.join(''));
}

export function escaped(value: string | number): string {
  return String(value).replaceAll('&', '&amp;').replaceAll('"', '&quot;').replaceAll('<', '&lt;');
}

function kebab(key: string): string {
  return key.replaceAll(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`);
}
