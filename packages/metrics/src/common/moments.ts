import { choice, defineMetric, KindlingError, type MetricFactory } from '@kindling/core';
import { eachElement } from './elements.js';

/** Weighted means, and sums of squared deviations, of outputs x, targets y and errors y − x of one column. */
export interface Moments {
  count: number;
  weight: number;
  meanX: number;
  meanY: number;
  xx: number;
  yy: number;
  xy: number;
  meanError: number;
  /** Of the errors' deviations from their mean. */
  ee: number;
  /** Of the errors themselves. */
  squares: number;
}

const none = (): Moments => ({ count: 0, weight: 0, meanX: 0, meanY: 0, xx: 0, yy: 0, xy: 0, meanError: 0, ee: 0, squares: 0 }); // prettier-ignore

/** Welford's update: no second pass, and no cancellation. */
function add(m: Moments, x: number, y: number, weight: number): void {
  if (weight === 0) return;
  const share = weight / (m.weight += weight);
  m.count++;
  const [dx, dy, de] = [x - m.meanX, y - m.meanY, y - x - m.meanError];
  m.meanX += share * dx;
  m.meanY += share * dy;
  m.meanError += share * de;
  m.xx += weight * dx * (x - m.meanX);
  m.yy += weight * dy * (y - m.meanY);
  m.xy += weight * dx * (y - m.meanY);
  m.ee += weight * de * (y - x - m.meanError);
  m.squares += weight * (y - x) ** 2;
}

const multioutput = /* @__PURE__ */ choice(['uniformAverage', 'varianceWeighted'], {
  default: 'uniformAverage',
  description: 'how the values of several columns become one',
});

/** A metric of the moments of each column. NaN without any row. */
export function momentsMetric<const N extends string>(definition: {
  readonly name: N;
  readonly range: readonly [number, number];
  readonly measure: (moments: Moments) => number;
}): MetricFactory<N, { multioutput: typeof multioutput }, number> {
  const { name, range, measure } = definition;
  return defineMetric({
    name,
    task: 'regression',
    options: { multioutput },
    higherIsBetter: true,
    range,
    start: () => [] as Moments[],
    update: (_, columns, batch) => {
      const width = eachElement(name, batch, (output, target, weight, column) =>
        add((columns[column] ??= none()), output, target, weight),
      );
      if (columns.length > 0 && width !== columns.length)
        throw new KindlingError(`${name}: earlier rows had ${columns.length} numbers, these have ${width}.`);
    },
    compute: ({ multioutput: how }, columns) => {
      const values = columns.map(measure);
      const weights = columns.map(({ yy }) => (how === 'varianceWeighted' ? yy : 1));
      const all = weights.reduce((a, b) => a + b, 0);
      // no column varies: they count alike
      return values.reduce((sum, value, i) => sum + value * (all === 0 ? 1 / values.length : weights[i] / all), columns.length === 0 ? NaN : 0); // prettier-ignore
    },
  });
}

/** 1 − unexplained / total, as scikit-learn has it where nothing varies. */
export function explained(unexplained: number, total: number): number {
  if (total === 0) return unexplained === 0 ? 1 : 0;
  return 1 - unexplained / total;
}
