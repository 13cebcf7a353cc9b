/** An error that is part of the product: it names the operation, the values at fault, and what to do. */
export class KindlingError extends Error {
  override readonly name: string = 'KindlingError';
}

/**
 * The candidate that `name` was meant to be: what it begins or begins with, what is a typing error away, or what it is a
 * part of.
 */
export function nearest(name: string, candidates: Iterable<string>): string | undefined {
  let best: string | undefined;
  let least = Infinity;
  for (const candidate of candidates) {
    const distance = distanceOf(wordsOf(name), wordsOf(candidate));
    if (distance < least) [best, least] = [candidate, distance];
  }
  return best;
}

/** `"; did you mean 'x'?"`, or `"; there are a, b"` where nothing is near. */
export function suggestion(name: string, candidates: Iterable<string>): string {
  const all = [...candidates];
  const near = nearest(name, all);
  if (near !== undefined) return `; did you mean '${near}'?`;
  return all.length === 0
    ? '; there are none'
    : `; there are ${all.slice(0, 20).join(', ')}${all.length > 20 ? ', …' : ''}`;
}

/** `label_smoothing` and `labelSmoothing` are the same words. */
function wordsOf(name: string): string[] {
  return name.split(/[-_. ]+|(?<=[a-z0-9])(?=[A-Z])/).map((word) => word.toLowerCase());
}

/** How far what was typed is from what is known; infinite where it cannot have been meant. */
function distanceOf(typedWords: readonly string[], knownWords: readonly string[]): number {
  const [typed, known] = [typedWords.join(''), knownWords.join('')];
  const more = 1 - typed.length / known.length;
  // of several, the shortest name
  if (typed.length > 2 && known.startsWith(typed)) return more;
  // a third may be wrong; of a short word, not the first letter: 'gpu' is no misspelt 'cpu'
  const errors = editDistance(typed, known);
  const isShort = typed.length < 5 && !typed.slice(0, 2).includes(known[0]);
  if (!isShort && errors <= Math.max(1, Math.floor(typed.length / 3))) return errors;
  // 'f1_score' for 'f1', 'output' for 'out': the first words, or half of the letters
  const words = typedWords.map((_, i) => typedWords.slice(0, i).join(''));
  if (known !== '' && (words.includes(known) || (known.length > 2 && typed.startsWith(known) && more >= -1)))
    return 1e3;
  if (typed.length > 3 ? known.includes(typed) : typed.length === 3 && knownWords.includes(typed)) return 1e6 + more;
  return Infinity;
}

/** Letters that are missing, in excess, wrong, or exchanged with the next. */
function editDistance(a: string, b: string): number {
  let [before, previous] = [[] as number[], Array.from({ length: b.length + 1 }, (_, j) => j)];
  for (let i = 1; i <= a.length; i++) {
    const row = [i];
    for (let j = 1; j <= b.length; j++) {
      row[j] = Math.min(previous[j] + 1, row[j - 1] + 1, previous[j - 1] + (a[i - 1] === b[j - 1] ? 0 : 1));
      if (i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1])
        row[j] = Math.min(row[j], before[j - 2] + 1);
    }
    [before, previous] = [previous, row];
  }
  return previous[b.length];
}
