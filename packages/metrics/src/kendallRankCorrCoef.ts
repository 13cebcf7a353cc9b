import { pairsMetric, type Pairs } from './common/pairs.js';

/**
 * Kendall's τ-b: (C − D) / √((C + D + T_x)(C + D + T_y)) over all pairs of rows, C in the same order in outputs and targets,
 * D in opposite order, T tied in one of them only (SciPy's `kendalltau`, torchmetrics' `KendallRankCorrCoef`). Of several
 * columns [b, columns] it is the mean. Takes time n log n.
 *
 * Outputs and targets of one shape. Keeps every row. NaN where outputs or targets are all equal, where one is NaN, and
 * without any row.
 */
export const kendallRankCorrCoef = /* @__PURE__ */ pairsMetric({
  name: 'kendallRankCorrCoef',
  measure: (pairs) => {
    const { x, y, weight } = pairs;
    const all = pairsWithin([weight.reduce((sum, w) => sum + w, 0)]);
    const tiedX = pairsWithin(groups(x.map(String), weight));
    const tiedY = pairsWithin(groups(y.map(String), weight));
    const tiedBoth = pairsWithin(groups(x.map((value, i) => `${value} ${y[i]}`), weight)); // prettier-ignore
    const discordant = inversions(pairs);
    // pairs of a row with its own copies are tied in both
    const ordered = all - tiedX - tiedY + tiedBoth;
    const spread = Math.sqrt(all - tiedX) * Math.sqrt(all - tiedY);
    return spread === 0 ? NaN : Math.max(-1, Math.min(1, (ordered - 2 * discordant) / spread));
  },
});

/** Weights of equal keys; −0 is 0. */
function groups(keys: readonly string[], weight: readonly number[]): number[] {
  const found = new Map<string, number>();
  keys.forEach((key, i) => found.set(key, (found.get(key) ?? 0) + weight[i]));
  return [...found.values()];
}

/** Twice the pairs within groups, those of a row with itself included; these cancel. */
const pairsWithin = (weights: readonly number[]): number => weights.reduce((sum, w) => sum + w * w, 0);

/** Twice the weight of the pairs in opposite order, with a Fenwick tree over the order of y. */
function inversions({ x, y, weight }: Pairs): number {
  const places = new Map([...new Set(y)].sort((a, b) => a - b).map((value, i) => [value, i + 1]));
  const tree = new Float64Array(places.size + 1);
  const order = Array.from(x.keys()).sort((a, b) => (x[a] === x[b] ? 0 : x[a] - x[b]));
  let [found, seen] = [0, 0];
  for (let i = 0; i < order.length;) {
    let end = i;
    for (; end < order.length && x[order[end]] === x[order[i]]; end++) {
      let notAbove = 0;
      for (let at = places.get(y[order[end]])!; at > 0; at -= at & -at) notAbove += tree[at];
      found += weight[order[end]] * (seen - notAbove);
    }
    for (; i < end; i++) {
      const row = order[i];
      seen += weight[row];
      for (let at = places.get(y[row])!; at < tree.length; at += at & -at) tree[at] += weight[row];
    }
  }
  return 2 * found;
}
