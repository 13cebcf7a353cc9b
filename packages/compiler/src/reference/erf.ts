const twoOverRootPi = 1.1283791670955126;
const rootPi = 1.772453850905516;

/** exp(−x²). The part of x² that a float64 cannot hold is put back, or it would cost x² ulp. */
function expMinusSquare(x: number): number {
  const high = Math.fround(x);
  return Math.exp(-high * high) * Math.exp(-(x - high) * (x + high));
}

/** The error function, within 5·2⁻⁵³ of its value. */
export function erf(x: number): number {
  const size = Math.abs(x);
  if (size >= 6) return Math.sign(x);
  if (size < 1.1) {
    // 2/√π · exp(−x²) · x · (1 + 2x²/3 · (1 + 2x²/5 · (…))): every term has the sign of x, so nothing cancels.
    let series = 1;
    for (let n = 24; n > 0; n--) series = 1 + ((2 * x * x) / (2 * n + 1)) * series;
    return twoOverRootPi * expMinusSquare(x) * series * x;
  }
  if (size !== size) return x;
  // 1 − erfc, by the continued fraction exp(−x²)/√π / (x + (1/2)/(x + (2/2)/(x + …))); erfc is below 0.12 here.
  let tail = size;
  for (let n = 150; n > 0; n--) tail = size + n / 2 / tail;
  return Math.sign(x) * (1 - expMinusSquare(size) / (rootPi * tail));
}
