/** Rows of one class: how many are of it, are said to be, and both. @internal */
export interface ClassCounts {
  readonly actual: number;
  readonly predicted: number;
  readonly right: number;
}

/**
 * The unweighted mean of a measure over the classes that occur among targets or predictions, as scikit-learn's
 * `average='macro'`. NaN without any row. @internal
 */
export function macro(matrix: readonly (readonly number[])[], measure: (counts: ClassCounts) => number): number {
  let sum = 0;
  let classes = 0;
  matrix.forEach((row, i) => {
    const actual = row.reduce((a, b) => a + b, 0);
    const predicted = matrix.reduce((total, other) => total + other[i], 0);
    if (actual + predicted === 0) return;
    sum += measure({ actual, predicted, right: row[i] });
    classes++;
  });
  return sum / classes;
}

/** 0 where nothing is divided by nothing. @internal */
export function ratio(part: number, whole: number): number {
  return whole === 0 ? 0 : part / whole;
}
