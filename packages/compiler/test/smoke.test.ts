import { it, expect } from 'vitest';
import { setDefaultBackend, manualSeed, randn, softmax, logSoftmax, parameter, relu, defineOptimizer, number, zerosLike, compile, explain, type Tensor, arange, concat, variance } from '@kindling/core';
import { backward } from '@kindling/autograd';
import { referenceBackend } from '@kindling/testkit';
import { interpretedBackend } from './interpretedBackend.js';

const adam = defineOptimizer({
  name: 'adam', options: { lr: number({ default: 1e-2 }) },
  init: (p) => ({ m: zerosLike(p), v: zerosLike(p) }),
  scalars: ({ lr }, t) => ({ size: lr / (1 - 0.9 ** t), root: Math.sqrt(1 - 0.999 ** t), b1: 0.9, b2: 0.999, c1: 0.1, c2: 1 - 0.999, eps: 1e-8 }),
  update: ({ parameter: p, gradient: g, state, scalars: s }) => {
    const m = state.m.mul(s.b1).add(g.mul(s.c1));
    const v = state.v.mul(s.b2).add(g.mul(g).mul(s.c2));
    return { parameter: p.sub(m.mul(s.size).div(v.sqrt().div(s.root).add(s.eps))), state: { m, v } };
  },
});

function program(trace: (s: string) => void) {
  manualSeed(0);
  const w = [parameter(randn([16, 12]).mul(0.2)), parameter(randn([16]).mul(0.1)), parameter(randn([10, 16]).mul(0.2)), parameter(randn([10]))];
  const opt = adam(w);
  const x = randn([32, 12]);
  const y = arange(32).mod(10);
  const step = compile((x: Tensor, y: Tensor) => {
    opt.zeroGrad();
    const h = relu(x.matmul(w[0]!.transpose()).add(w[1]!));
    const logits = h.matmul(w[2]!.transpose()).add(w[3]!);
    const loss = logSoftmax(logits, 1).gather(1, y.unsqueeze(1)).neg().mean();
    backward(loss);
    opt.step();
    return loss;
  });
  const losses: number[] = [];
  for (let i = 0; i < 5; i++) losses.push(step(x, y).itemSync());
  trace(step.explain());
  return losses;
}

it('trains', () => {
  setDefaultBackend(referenceBackend());
  const a = program(() => {});
  const b0 = interpretedBackend();
  setDefaultBackend(b0);
  const b = program((s) => console.log(s.split("\n").filter((l) => /^kernel|^\d/.test(l)).join("\n")));
  console.log(a, b, b0.counts);
  a.forEach((v, i) => expect(Math.abs(v - b[i]!)).toBeLessThan(1e-5));
});
it('softmax', () => {
  setDefaultBackend(interpretedBackend());
  const x = randn([20, 7]);
  console.log(explain(softmax(x, 1)));
  console.log(explain(variance(x, 1)));
  console.log(explain(concat([x, x.mul(2)], 1)));
});
