// The name that was meant by one that is misspelled.

/** Letters that may be wrong in a name of usual length. */
const MAX_WRONG = 2;

/** The name that differs least, if at most two letters differ; capitals and the signs - and _ do not count. */
export function nearName(given: string, names: readonly string[]): string | undefined {
  const plain = plainName(given);
  let best: string | undefined;
  let least = Math.min(MAX_WRONG, Math.floor(plain.length / 3)) + 1;
  for (const name of names) {
    const other = plainName(name);
    if (Math.abs(other.length - plain.length) >= least) continue;
    const wrong = differing(plain, other);
    if (wrong < least) [best, least] = [name, wrong];
  }
  return best;
}

function plainName(name: string): string {
  return name.toLowerCase().replaceAll('-', '').replaceAll('_', '');
}

/** Letters to insert, remove or replace until one text is the other (Levenshtein). Takes the product of their lengths. */
function differing(a: string, b: string): number {
  let row = Array.from({ length: b.length + 1 }, (_, i) => i);
  for (let i = 1; i <= a.length; i++) {
    const next = [i];
    for (let j = 1; j <= b.length; j++) {
      const replaced = (row[j - 1] ?? 0) + (a[i - 1] === b[j - 1] ? 0 : 1);
      next.push(Math.min(replaced, (row[j] ?? 0) + 1, (next[j - 1] ?? 0) + 1));
    }
    row = next;
  }
  return row[b.length] ?? 0;
}
