// Softmax regression with an L2 penalty has one optimum, known to eight digits from a solver of convex problems: every
// optimizer must come to it. Objective: Σ cross-entropy + ½‖W‖²; the bias is free.
import { readFileSync } from 'node:fs';
import { backward } from '@kindling/autograd';
import { compile, type GradientOptimizer, type Parameter, parameter, tensor, zeros } from '@kindling/core';
import { cpu } from '@kindling/cpu-backend';
import { crossEntropyLoss } from '@kindling/losses';
import { adam, adamw, cosineAnnealingLR, rmsprop, sgd } from '@kindling/optimizers';
import { useBackend } from '../../testkit/src/index.js';
import { beforeAll, describe, expect, it } from 'vitest';

const optima = { iris: 31.378768, wine: 12.090336 };
const steps = 2000; // 5,000 are allowed

/** Inputs standardised with the population's deviation, and class indices; the target is the last column. */
function load(name: string): { rows: number[][]; labels: Int32Array; classes: number } {
  const text = readFileSync(new URL(`../../../data/${name}.csv`, import.meta.url), 'utf8');
  const lines = text.trim().split('\n').slice(1).map((line) => line.trim().split(',')); // prettier-ignore
  const names = [...new Set(lines.map((l) => l.at(-1)!))].sort();
  const rows = lines.map((l) => l.slice(0, -1).map(Number));
  rows[0].forEach((_, j) => {
    const mean = rows.reduce((sum, r) => sum + r[j], 0) / rows.length;
    const deviation = Math.sqrt(rows.reduce((sum, r) => sum + (r[j] - mean) ** 2, 0) / rows.length);
    for (const r of rows) r[j] = (r[j] - mean) / deviation;
  });
  return { rows, labels: Int32Array.from(lines, (l) => names.indexOf(l.at(-1)!)), classes: names.length };
}

const optimizers: Record<string, (params: Parameter[]) => GradientOptimizer> = {
  sgd: (p) => sgd(p, { lr: 6e-3 }),
  'sgd with momentum': (p) => sgd(p, { lr: 2e-3, momentum: 0.9 }),
  adam: (p) => adam(p, { lr: 0.1 }),
  'adamw without decay': (p) => adamw(p, { lr: 0.1, weightDecay: 0 }),
  rmsprop: (p) => rmsprop(p, { lr: 0.02 }),
};

beforeAll(useBackend(cpu));

describe.each(['iris', 'wine'] as const)('the optimum on %s', (name) => {
  it.each(Object.keys(optimizers))('is reached by %s', async (which) => {
    const { rows, labels, classes } = load(name);
    const [input, target] = [tensor(rows), tensor(labels)];
    const weight = parameter(zeros([rows[0].length, classes]));
    const bias = parameter(zeros([classes]));
    const optimizer = optimizers[which]([weight, bias]);
    const schedule = cosineAnnealingLR(optimizer, { tMax: steps });
    const criterion = crossEntropyLoss({ reduction: 'sum' });
    const objective = () => criterion(input.matmul(weight).add(bias), target).add(weight.mul(weight).sum().mul(0.5));
    const step = compile(() => {
      optimizer.zeroGrad();
      const loss = objective();
      backward(loss);
      optimizer.step();
      return loss;
    });
    const first = await step().item();
    expect(first).toBeCloseTo(rows.length * Math.log(classes), 2);
    for (let i = 1; i < steps; i++) {
      step();
      schedule.step();
    }
    const found = await objective().item();
    expect(Math.abs(found / optima[name] - 1)).toBeLessThan(1e-4);
  });
});
