import {
  choice,
  defineMetric,
  defineSchedule,
  integer,
  number,
  parameter,
  setDefaultBackend,
  tensor,
} from '@kindling/core';
import { cpu } from '@kindling/cpu-backend';
import { sgd } from '@kindling/optimizers';

/** Falls in a line, and begins anew every `period` epochs. */
export const sawtoothLR = /* @__PURE__ */ defineSchedule({
  name: 'sawtoothLR',
  options: {
    period: integer({ default: 10, minimum: 1, description: 'epochs of a tooth' }),
    least: number({ default: 0.1, minimum: 0, maximum: 1, description: 'the part of the rate that it falls towards' }),
  },
  next: ({ baseLr, epoch, options: { period, least } }) => baseLr * (1 - ((1 - least) * (epoch % period)) / period),
});

/** The share of rows whose error is within a tolerance. */
export const withinTolerance = /* @__PURE__ */ defineMetric({
  name: 'withinTolerance',
  task: 'regression',
  output: 'value',
  higherIsBetter: true,
  range: [0, 1],
  options: {
    tolerance: number({ default: 1, minimum: 0, description: 'the greatest error that counts as right' }),
    of: choice(['value', 'target'], { default: 'value', description: 'absolute, or a part of the target' }),
  },
  start: () => ({ right: 0, all: 0 }),
  // output and target: { data, shape }, rows along the first dimension; weight: one for each row, or undefined
  update: ({ tolerance, of }, state, { output, target, weight }) => {
    for (let i = 0; i < target.data.length; i++) {
      const allowed = of === 'target' ? tolerance * Math.abs(target.data[i]) : tolerance;
      const w = weight?.[i] ?? 1;
      state.right += Math.abs(output.data[i] - target.data[i]) <= allowed ? w : 0;
      state.all += w;
    }
  },
  compute: (_options, { right, all }) => right / all, // NaN of no rows
});

setDefaultBackend(await cpu());
const optimizer = sgd([parameter(tensor([0]))], { lr: 1 });
const schedule = sawtoothLR(optimizer, { period: 3 });
const rates: string[] = [];
for (let epoch = 0; epoch < 5; epoch++) {
  rates.push(optimizer.groups[0].lr.toFixed(1));
  schedule.step();
}
console.log(rates.join(' '));
console.log(withinTolerance({ tolerance: 0.5 }).measure([1, 2, 3, 4], [1.2, 2.9, 3, 4.5]));
