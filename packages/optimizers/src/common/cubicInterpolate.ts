/** A point of a line: where, the value there, and the slope. */
export interface Sample {
  readonly t: number;
  readonly f: number;
  readonly slope: number;
}

/** Where the cubic through two points with their slopes is least, within bounds (by default between the points). */
export function cubicInterpolate(a: Sample, b: Sample, low = Math.min(a.t, b.t), high = Math.max(a.t, b.t)): number {
  const d1 = a.slope + b.slope - (3 * (a.f - b.f)) / (a.t - b.t);
  const square = d1 * d1 - a.slope * b.slope;
  if (!(square >= 0)) return (low + high) / 2;
  const d2 = Math.sqrt(square);
  const [first, second] = a.t <= b.t ? [a, b] : [b, a];
  const least = second.t - (second.t - first.t) * ((second.slope + d2 - d1) / (second.slope - first.slope + 2 * d2));
  return Math.min(Math.max(least, low), high);
}
