// What a program is must not depend on the numbers in it: a learning rate, a step count, a literal that changes.
import { backward } from '@kindling/autograd';
import {
  compile,
  maximum,
  parameter,
  programStatistics,
  rand,
  relu,
  setDefaultBackend,
  type Tensor,
  tensor,
  where,
} from '@kindling/core';
import { bceWithLogitsLoss, crossEntropyLoss, huberLoss, mseLoss } from '@kindling/losses';
import { adam, adamw, cosineAnnealingLR, rmsprop, sgd, stepLR } from '@kindling/optimizers';
import { beforeEach, describe, expect, it } from 'vitest';
import { openCpu } from './openCpu.js';

let cpu: ReturnType<typeof openCpu>;
beforeEach(() => {
  cpu = openCpu();
  setDefaultBackend(cpu.backend);
});

/** Programs prepared and kernels compiled by `body`. */
function compiledBy(body: () => void): { programs: number; kernels: number } {
  const [programs, kernels] = [programStatistics().prepared, cpu.counts.compiled];
  body();
  return { programs: programStatistics().prepared - programs, kernels: cpu.counts.compiled - kernels };
}
const nothing = { programs: 0, kernels: 0 };

function model() {
  const weight = parameter(tensor([[0.1, 0.2, -0.3], [0.4, -0.5, 0.6]])); // prettier-ignore
  const bias = parameter(tensor([0, 0.1, 0.2]));
  return { weight, bias, forward: (x: Tensor) => relu(x.matmul(weight).add(bias)) };
}
const input = (i: number): Tensor => tensor([[1, i], [0.5, -i], [i * i, 2], [3, 0.25]]); // prettier-ignore
const classes = tensor(Int32Array.of(0, 2, 1, 1));

/** Learning rates with all the special numbers: nothing may be folded into the program. */
const rates = [0.1, 0.01, 0, 1, -0, 0.5, 2, 1e-8, 0, 1];

describe('after the second step of a loop', () => {
  const optimizers = {
    sgd: (p: Iterable<never>) => sgd(p, { lr: 0.1, momentum: 0.9, nesterov: true, weightDecay: 0.01 }),
    adam: (p: Iterable<never>) => adam(p, { lr: 0.1 }),
    'adam with amsgrad': (p: Iterable<never>) => adam(p, { lr: 0.1, amsgrad: true, weightDecay: 0.1 }),
    adamw: (p: Iterable<never>) => adamw(p, { lr: 0.1 }),
    rmsprop: (p: Iterable<never>) => rmsprop(p, { lr: 0.1, momentum: 0.5, centered: true }),
  };
  it.each(Object.entries(optimizers))('a changing learning rate of %s compiles nothing', (_, make) => {
    const { weight, bias, forward } = model();
    const optimizer = make([weight, bias] as never);
    const criterion = crossEntropyLoss({ labelSmoothing: 0.1 });
    const step = (i: number): void => {
      optimizer.groups[0].lr = rates[i % rates.length]!;
      optimizer.zeroGrad();
      const loss = criterion(forward(input(i)), classes);
      backward(loss);
      optimizer.step();
      expect(Number.isFinite(loss.itemSync())).toBe(true);
    };
    step(0);
    step(1); // momentum and the like start at the first step
    for (let i = 2; i < 25; i++) expect(compiledBy(() => step(i))).toEqual(nothing);
  });

  it('a schedule down to 0 compiles nothing', () => {
    const { weight, bias, forward } = model();
    const optimizer = sgd([{ params: [weight], lr: 1 }, { params: [bias], lr: 0.5 }]); // prettier-ignore
    const schedules = [cosineAnnealingLR(optimizer, { tMax: 8 }), stepLR(optimizer, { stepSize: 2, gamma: 0.1 })];
    const step = (i: number): void => {
      optimizer.zeroGrad();
      backward(mseLoss()(forward(input(i)), tensor([[1, 2, 3]]).expand(4, 3)));
      optimizer.step();
      for (const s of schedules) s.step();
    };
    step(0);
    for (let i = 1; i < 8; i++) expect(compiledBy(() => step(i))).toEqual(nothing);
    expect(optimizer.groups[0].lr).toBeLessThan(1e-15);
    expect(compiledBy(() => step(8))).toEqual(nothing);
  });

  it('literals of the program compile nothing when they change', () => {
    const { weight, forward } = model();
    const step = (i: number): number => {
      const y = forward(input(i)).mul(1.5 + i).add(0.1 * i + 0.05); // prettier-ignore
      const z = maximum(where(y.gt(0.3 + i), y, 0.2 * i + 0.7), 2.5 + i).pow(2.5 + i);
      return z.div(3 + i).add(weight.sum().mul(i + 0.5)).sum().itemSync(); // prettier-ignore
    };
    step(0);
    for (let i = 1; i < 6; i++) expect(compiledBy(() => expect(step(i)).not.toBe(step(i + 1)))).toEqual(nothing);
  });

  it('losses with other numbers among their options share their programs', () => {
    const { forward } = model();
    const target = tensor([[1, 2, 3]]).expand(4, 3);
    // 0, 1 and −1 written in a program are constants of it; all other numbers are given at each run
    const run = (i: number): void => {
      huberLoss({ delta: 0.6 + 0.25 * i })(forward(input(i)), target).itemSync();
      bceWithLogitsLoss({ posWeight: [1 + i, 2, 3] })(forward(input(i)), target.mul(0)).itemSync();
    };
    run(0);
    for (let i = 1; i < 4; i++) expect(compiledBy(() => run(i))).toEqual(nothing);
  });

  it('random numbers compile nothing', () => {
    const run = (): number => rand([5]).mul(input(1).sum()).sum().itemSync(); // prettier-ignore
    const first = run();
    expect(compiledBy(() => expect(run()).not.toBe(first))).toEqual(nothing);
  });

  it('a batch of another size is compiled once, and the parameters are updated by the same kernel', () => {
    const { weight, bias, forward } = model();
    const optimizer = adam([weight, bias]);
    const step = (rows: number): void => {
      optimizer.zeroGrad();
      const x = input(2).slice([0, rows]);
      backward(crossEntropyLoss()(forward(x), tensor(Int32Array.of(0, 2, 1, 1).slice(0, rows))));
      optimizer.step();
    };
    step(4);
    step(3);
    for (const rows of [4, 3, 3, 4]) expect(compiledBy(() => step(rows))).toEqual(nothing);
  });
});

describe('a compiled step', () => {
  function compiledStep() {
    const { weight, bias, forward } = model();
    const optimizer = adam([weight, bias], { lr: 0.1 });
    let traces = 0;
    const step = compile(
      (x: Tensor, target: Tensor, factor: Tensor) => {
        traces += 1;
        optimizer.zeroGrad();
        const loss = crossEntropyLoss()(forward(x), target).mul(factor);
        backward(loss);
        optimizer.step();
        return loss;
      },
      { check: false },
    );
    return { optimizer, step, traces: () => traces };
  }

  it('is traced once, whatever the learning rate and the numbers it is given', () => {
    const { optimizer, step, traces } = compiledStep();
    const call = (i: number): void => {
      optimizer.groups[0].lr = rates[i % rates.length]!;
      expect(Number.isFinite(step(input(i), classes, rates[(i + 3) % rates.length]).itemSync())).toBe(true);
    };
    call(0);
    const launched = cpu.counts.ran;
    for (let i = 1; i < 25; i++) expect(compiledBy(() => call(i))).toEqual(nothing);
    expect(traces()).toBe(1);
    expect(cpu.counts.ran - launched).toBe(24); // one replay a call
    expect(cpu.counts.recorded).toBeLessThanOrEqual(3);
  });

  it('is recorded once for batches that lie on the device, and computes with each', async () => {
    const batches = await Promise.all([0, 1, 2].map((i) => input(i).to(cpu.backend)));
    const { weight, forward } = model();
    const step = compile((x: Tensor) => forward(x).sum().mul(weight.sum()), { check: false });
    const { recorded } = cpu.counts;
    const first = batches.map((x) => step(x).itemSync());
    for (let round = 0; round < 3; round++) expect(batches.map((x) => step(x).itemSync())).toEqual(first);
    expect(cpu.counts.recorded - recorded).toBe(1);
    expect(first).toEqual([0, 1, 2].map((i) => forward(input(i)).sum().mul(weight.sum()).itemSync()));
  });

  it('runs the few kernels that it needs', () => {
    const { step } = compiledStep();
    step(input(0), classes, 1);
    // forward product; cross-entropy with its gradient; the two gradients; one update of all parameters
    expect(cpu.counts.compiled).toBeLessThanOrEqual(8);
  });
});
