/** The largest value where the other is at least so much; 0 where it never is. */
export function bestWhere(values: readonly number[], others: readonly number[], least: number): number {
  return values.reduce((best, value, i) => (others[i] >= least ? Math.max(best, value) : best), 0);
}
