/** An error that is part of the product: it names the operation, the values at fault, and what to do. */
export class KindlingError extends Error {
  override readonly name: string = 'KindlingError';
}

/** The candidate closest to `name`, or undefined where none is close enough to be meant. A beginning is close. */
export function nearest(name: string, candidates: Iterable<string>): string | undefined {
  let best: string | undefined;
  let least = Math.max(2, Math.floor(name.length / 2)) + 1;
  const typed = name.toLowerCase();
  for (const candidate of candidates) {
    const known = candidate.toLowerCase();
    const distance = typed.length > 2 && known.startsWith(typed) ? 1 : editDistance(typed, known);
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

function editDistance(a: string, b: string): number {
  let previous = Array.from({ length: b.length + 1 }, (_, j) => j);
  for (let i = 1; i <= a.length; i++) {
    const row = [i];
    for (let j = 1; j <= b.length; j++)
      row[j] = Math.min(previous[j] + 1, row[j - 1] + 1, previous[j - 1] + (a[i - 1] === b[j - 1] ? 0 : 1));
    previous = row;
  }
  return previous[b.length];
}
