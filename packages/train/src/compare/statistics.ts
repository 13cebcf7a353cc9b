export function mean(values: readonly number[]): number {
  return values.reduce((a, b) => a + b, 0) / values.length;
}

/** The unbiased variance. */
function variance(values: readonly number[]): number {
  const m = mean(values);
  return values.reduce((sum, x) => sum + (x - m) ** 2, 0) / (values.length - 1);
}

/**
 * The 95 % t-interval of a mean. `overlap` is the share of scored to training rows where runs share rows, as folds do:
 * such runs are correlated, and the variance of their mean is taken as s²·(1/n + overlap) (Nadeau and Bengio 2003).
 * NaN for fewer than two values.
 */
export function interval(values: readonly number[], overlap = 0): readonly [number, number] {
  const n = values.length;
  if (n < 2) return [NaN, NaN];
  const half = tQuantile(n - 1) * Math.sqrt(variance(values) * (1 / n + overlap));
  const m = mean(values);
  return [m - half, m + half];
}

/** An interval cut to the values that there can be: no accuracy is above 1. */
export function within(
  [low, high]: readonly [number, number],
  [least, greatest]: readonly [number, number],
): [number, number] {
  return [Math.max(least, low), Math.min(greatest, high)];
}

/**
 * Whether paired scores leave open which of two is better: the interval of their differences holds 0. Undefined for
 * fewer than two pairs.
 */
export function tied(a: readonly number[], b: readonly number[], overlap = 0): boolean | undefined {
  if (a.length < 2) return undefined;
  const [low, high] = interval(
    a.map((x, i) => x - b[i]),
    overlap,
  );
  return low <= 0 && high >= 0;
}

/** The 97.5 % quantile of Student's t distribution. */
export function tQuantile(df: number): number {
  let [low, high] = [0, 1000];
  for (let i = 0; i < 80; i++) {
    const middle = (low + high) / 2;
    if (upperTail(middle, df) > 0.025) low = middle;
    else high = middle;
  }
  return (low + high) / 2;
}

/** P(T > t) for t ≥ 0: half the regularised incomplete beta function at df / (df + t²). */
function upperTail(t: number, df: number): number {
  return 0.5 * incompleteBeta(df / (df + t * t), df / 2, 0.5);
}

function incompleteBeta(x: number, a: number, b: number): number {
  if (x <= 0) return 0;
  if (x >= 1) return 1;
  const front = Math.exp(logGamma(a + b) - logGamma(a) - logGamma(b) + a * Math.log(x) + b * Math.log1p(-x));
  return x < (a + 1) / (a + b + 2)
    ? (front * continuedFraction(x, a, b)) / a
    : 1 - (front * continuedFraction(1 - x, b, a)) / b;
}

/** Lentz's algorithm. */
function continuedFraction(x: number, a: number, b: number): number {
  const tiny = 1e-300;
  const guard = (v: number): number => (Math.abs(v) < tiny ? tiny : v);
  let c = 1;
  let d = 1 / guard(1 - ((a + b) * x) / (a + 1));
  let h = d;
  for (let m = 1; m <= 300; m++) {
    const even = (m * (b - m) * x) / ((a + 2 * m - 1) * (a + 2 * m));
    d = 1 / guard(1 + even * d);
    c = guard(1 + even / c);
    h *= d * c;
    const odd = (-(a + m) * (a + b + m) * x) / ((a + 2 * m) * (a + 2 * m + 1));
    d = 1 / guard(1 + odd * d);
    c = guard(1 + odd / c);
    h *= d * c;
    if (Math.abs(d * c - 1) < 1e-14) break;
  }
  return h;
}

/** Lanczos' approximation. */
function logGamma(z: number): number {
  const g = [76.18009172947146, -86.505320329416, 24.01409824083091, -1.231739572450155, 0.001208650973866179, -0.000005395239384953]; // prettier-ignore
  const t = z + 5.5 - (z + 0.5) * Math.log(z + 5.5);
  const series = g.reduce((sum, c, i) => sum + c / (z + 1 + i), 1.000000000190015);
  return -t + Math.log((2.5066282746310007 * series) / z);
}
