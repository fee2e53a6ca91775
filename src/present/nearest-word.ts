/** A text that is longer than any option is told apart by its beginning. */
const MAX_LETTERS = 64;

/**
 * The word that the fewest typing slips make of `typed`: letters added, left out or changed.
 *
 * @param words one or more
 * @see Levenshtein's distance, by Wagner and Fischer's algorithm
 */
export function nearestWord(typed: string, words: readonly string[]): string {
  const text = typed.slice(0, MAX_LETTERS).toLowerCase();
  const distances = words.map((word) => slips(text, word));
  return words[distances.indexOf(Math.min(...distances))];
}

function slips(from: string, to: string): number {
  let row = Array.from({ length: to.length + 1 }, (_, i) => i);
  for (let i = 1; i <= from.length; i++) {
    const next = [i];
    for (let j = 1; j <= to.length; j++) {
      const changed = row[j - 1] + (from[i - 1] === to[j - 1] ? 0 : 1);
      next.push(Math.min(changed, row[j] + 1, next[j - 1] + 1));
    }
    row = next;
  }
  return row[to.length];
}
