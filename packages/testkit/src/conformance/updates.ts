import { assign, commit, compile, defineOptimizer, keep, number, parameter, type Tensor, tensor, variable, zerosLike } from '@kindling/core'; // prettier-ignore
import type { Case, Context } from './context.js';
import { leavesOf } from './leaves.js';

const momentum = /* @__PURE__ */ defineOptimizer({
  name: 'momentum',
  options: { lr: number({ default: 0.1 }), momentum: number({ default: 0.9 }) },
  init: (p) => ({ velocity: zerosLike(p) }),
  scalars: ({ lr, momentum }, step) => ({ lr: lr / Math.sqrt(step), momentum }),
  update: ({ parameter, gradient, state, scalars }) => {
    const velocity = state.velocity.mul(scalars.momentum).add(gradient);
    return { parameter: parameter.sub(velocity.mul(scalars.lr)), state: { velocity } };
  },
});

/** Variables that are overwritten in place: all that reads their old value does so before. */
export function updateCases(context: Context): Case[] {
  const numbers = leavesOf('float32', [3, 4], [3, 4], [4]);
  const start = (): [ReturnType<typeof variable>, ReturnType<typeof variable>, Tensor] => {
    const [a, b, row] = numbers();
    return [variable(a), variable(b), row];
  };
  return [
    context.plays('updates in place', (read) => {
      const [v, , row] = start();
      for (let i = 0; i < 3; i++) {
        assign(v, v.mul(0.5).add(row));
        commit();
      }
      read(v);
      assign(v, row.expand(3, 4));
      read(v);
    }),
    context.plays('updates that read elsewhere than they write', (read) => {
      const [v, w] = start();
      const square = variable(w.matmul(v.transpose()));
      for (const next of [square.transpose(), square.flip(0), square.sub(square.mean(0)), square.matmul(square)]) {
        assign(square, square.add(next));
        commit();
        read(square);
      }
      assign(v, v.slice(0).expand(3, 4));
      read(v);
    }),
    context.plays('two variables that change places', (read) => {
      const [v, w] = start();
      const old = v.mul(1);
      assign(v, w);
      assign(w, old);
      read(v);
      read(w);
    }),
    context.plays('values from before and after an update', (read) => {
      const [v, , row] = start();
      const before = v.sum(1);
      assign(v, v.sub(row));
      read(before);
      read(v.sum(1));
      const kept = keep(v.mul(3));
      assign(v, v.mul(v));
      commit();
      read(kept);
      read(kept.add(v));
    }),
    context.plays('one value into several variables', (read) => {
      const [v, w, row] = start();
      const next = v.add(w).mul(row);
      assign(v, next);
      assign(w, next);
      read(next);
      assign(w, w.add(1));
      commit();
      read(v);
      read(w);
    }),
    context.plays('updates by a compiled function', (read) => {
      const [v, w] = start();
      const step = compile((x: Tensor, rate: Tensor) => {
        assign(v, v.sub(x.mul(rate)));
        assign(w, w.mul(0.5).add(v));
        return { sum: w.sum(), v, x };
      });
      for (const rate of [0.1, 0, 1]) {
        const out = step(tensor([1, 2, 3, 4]), rate);
        read(out.sum);
        read(out.v);
        read(out.x);
      }
      read(v);
      read(w);
    }),
    context.plays('an optimizer over parameters of many shapes', (read) => {
      const parameters = leavesOf('float32', [], [1], [7], [3, 5], [0], [2, 1, 3], [1031], [64, 33])().map(parameter);
      const optimizer = momentum(parameters);
      for (let i = 1; i <= 3; i++) {
        for (const p of parameters) p.grad = p.mul(0.1 * i);
        optimizer.groups[0].lr = 0.1 * (i - 1);
        optimizer.step();
      }
      parameters.forEach(read);
    }),
    ...context.each(['float64'], (dtype) =>
      context.plays(`an optimizer over parameters of float32 and ${dtype}`, (read) => {
        const parameters = [...leavesOf(dtype, [5])(), ...leavesOf('float32', [5])()].map(parameter);
        const optimizer = momentum(parameters);
        for (const p of parameters) p.grad = p.mul(p);
        optimizer.step();
        parameters.forEach(read);
      }),
    ),
  ];
}
