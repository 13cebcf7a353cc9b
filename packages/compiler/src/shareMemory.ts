/** A value that needs memory from one launch to another, both included. */
export interface Life {
  readonly from: number;
  readonly to: number;
  readonly bytes: number;
}

/** Which piece of memory each value gets, and the size of each piece. Values that live at the same time share none. */
export interface Shares {
  readonly slots: readonly number[];
  readonly sizes: readonly number[];
}

/**
 * The largest values first, each into the piece that is least too large for it; among equal ones into that which was used
 * last before, since it is in the cache. After "greedy by size" of Pisarchyk and Lee, "Efficient Memory Management for
 * Deep Neural Net Inference" (2020).
 */
export function shareMemory(lives: readonly Life[]): Shares {
  const slots = new Array<number>(lives.length).fill(-1);
  const pieces: { readonly bytes: number; readonly lives: Life[] }[] = [];
  const order = [...lives.keys()].sort((a, b) => lives[b].bytes - lives[a].bytes || lives[a].from - lives[b].from);
  for (const i of order) {
    const life = lives[i];
    let best = -1;
    let bestAt = 0;
    let bestGap = Infinity;
    // pieces are there from the largest to the smallest
    for (let p = pieces.length - 1; p >= 0; p--) {
      const piece = pieces[p];
      if (best >= 0 && piece.bytes > pieces[best].bytes) break;
      const at = positionIn(piece.lives, life);
      if (at < 0) continue;
      const gap = at === 0 ? life.from + 1 : life.from - piece.lives[at - 1].to;
      if (gap < bestGap) [best, bestAt, bestGap] = [p, at, gap];
    }
    if (best < 0) best = pieces.push({ bytes: life.bytes, lives: [] }) - 1;
    pieces[best].lives.splice(bestAt, 0, life);
    slots[i] = best;
  }
  return { slots, sizes: pieces.map(({ bytes }) => bytes) };
}

/** Where among lives, one after another, there is a place for one more; −1 if there is none. */
function positionIn(lives: readonly Life[], { from, to }: Life): number {
  let [low, high] = [0, lives.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if (lives[middle].to < from) low = middle + 1;
    else high = middle;
  }
  return low === lives.length || lives[low].from > to ? low : -1;
}
