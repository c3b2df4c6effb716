/** Maximum length of a compared text, above that of every name. The text may come from the network, and long texts cost time. */
const maxLength = 100;

/** The candidate that is most similar to `word`; undefined if none is similar enough. */
export function suggest(word: string, candidates: Iterable<string>): string | undefined {
  if (word.length > maxLength) return undefined;
  // One edit in a short word, more in a long one. Two swapped letters count as two edits.
  const limit = 1 + Math.floor(word.length / 4);
  let best: { candidate: string; distance: number } | undefined;
  for (const candidate of candidates) {
    const distance = editDistance(word.toLowerCase(), candidate.toLowerCase());
    if (distance <= limit && distance < (best?.distance ?? Number.POSITIVE_INFINITY)) best = { candidate, distance };
  }
  return best?.candidate;
}

/** Levenshtein distance: number of letters to insert, delete or replace. */
function editDistance(a: string, b: string): number {
  let row = Array.from({ length: b.length + 1 }, (_, index) => index);
  for (let i = 1; i <= a.length; i += 1) {
    const next = [i];
    for (let j = 1; j <= b.length; j += 1) {
      const replaced = row[j - 1]! + (a[i - 1] === b[j - 1] ? 0 : 1);
      next.push(Math.min(replaced, row[j]! + 1, next[j - 1]! + 1));
    }
    row = next;
  }
  return row[b.length]!;
}
