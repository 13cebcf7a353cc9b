import { tensor, type Tensor } from '@kindling/core';

/** A function to be minimised, of one parameter. */
export interface Problem {
  readonly start: readonly number[];
  readonly loss: (x: Tensor) => Tensor;
  /** Its least value. */
  readonly least: number;
  /** Part of the way from the first value to the least that may be left in the end. */
  readonly left: number;
}

const at = (x: Tensor, i: number): Tensor => x.slice(i);

/** Numbers that look random and are the same everywhere. */
function numbers(count: number, seed: number): number[] {
  let state = seed;
  return Array.from({ length: count }, () => (state = (state * 48271) % 2147483647) / 2147483647);
}

const curvatures = Array.from({ length: 10 }, (_, i) => 100 ** (i / 9));

/** Softmax regression with a small L2 penalty: 30 samples, 4 features and 1, 3 classes. */
export const samples = { count: 30, features: 5, classes: 3, penalty: 0.01 };
const given = ((): { x: number[]; t: number[] } => {
  const { count, features, classes } = samples;
  const noise = numbers(count * features, 7);
  const x = noise.map((v, i) => (i % features === features - 1 ? 1 : 2 * v - 1));
  const t = Array.from({ length: count }, (_, n) => {
    const score = x[n * features] + 0.5 * x[n * features + 1] + 0.3 * (noise[n * features + 2] - 0.5);
    return score < -0.4 ? 0 : score < 0.4 ? 1 : classes - 1;
  });
  return { x, t };
})();

/** The loss and its gradient in plain numbers: what to compare with owes nothing to tensors. */
function softmaxRegression(w: readonly number[]): { value: number; gradient: number[] } {
  const { count, features, classes, penalty } = samples;
  let value = 0;
  const gradient = w.map((v) => penalty * v);
  for (let n = 0; n < count; n++) {
    const scores = Array.from({ length: classes }, (_, c) => {
      let s = 0;
      for (let f = 0; f < features; f++) s += given.x[n * features + f] * w[f * classes + c];
      return s;
    });
    const total = scores.reduce((a, s) => a + Math.exp(s), 0);
    value += (Math.log(total) - scores[given.t[n]]) / count;
    for (let c = 0; c < classes; c++) {
      const share = (Math.exp(scores[c]) / total - (given.t[n] === c ? 1 : 0)) / count;
      for (let f = 0; f < features; f++) gradient[f * classes + c] += share * given.x[n * features + f];
    }
  }
  return { value: value + (penalty / 2) * w.reduce((a, v) => a + v * v, 0), gradient };
}

/** Its convex optimum, by accelerated descent. */
function leastOfSoftmaxRegression(): number {
  let w = new Array<number>(samples.features * samples.classes).fill(0);
  let before = w;
  for (let t = 1; t <= 4000; t++) {
    const ahead = w.map((v, i) => v + 0.95 * (v - before[i]));
    const { gradient } = softmaxRegression(ahead);
    before = w;
    w = ahead.map((v, i) => v - gradient[i]);
  }
  return softmaxRegression(w).value;
}

export type ProblemName = 'rosenbrock' | 'beale' | 'an ill-conditioned quadratic' | 'softmax regression';

/** Functions that every optimizer finds the minimum of. A matrix of parameters is the same numbers in two dimensions. */
export function problems(): Readonly<Record<ProblemName, Problem>> {
  const { count, features, classes, penalty } = samples;
  const [x, t] = [tensor(given.x, { shape: [count, features] }), tensor(Int32Array.from(given.t))];
  const curvature = tensor(curvatures);
  return {
    rosenbrock: {
      start: [-1.2, 1],
      loss: (p) => {
        const [a, b] = [at(p, 0), at(p, 1)];
        const [u, v] = [a.neg().add(1), b.sub(a.mul(a))];
        return u.mul(u).add(v.mul(v).mul(100));
      },
      least: 0,
      left: 0.1,
    },
    beale: {
      start: [1, 1],
      loss: (p) => {
        const [a, b] = [at(p, 0), at(p, 1)];
        const term = (c: number, power: number): Tensor => {
          const e = a.mul(b.pow(power)).sub(a).add(c);
          return e.mul(e);
        };
        return term(1.5, 1).add(term(2.25, 2)).add(term(2.625, 3));
      },
      least: 0,
      left: 0.05,
    },
    'an ill-conditioned quadratic': {
      start: curvatures.map((_, i) => (i % 2 === 0 ? 1 : -1)),
      loss: (p) => p.mul(p).mul(curvature).sum().mul(0.5),
      least: 0,
      left: 0.02,
    },
    'softmax regression': {
      start: new Array<number>(features * classes).fill(0.1),
      loss: (p) => {
        const scores = x.matmul(p.reshape(features, classes));
        const greatest = scores.max(1, { keepDim: true }).detach();
        const total = scores.sub(greatest).exp().sum(1).log().add(greatest.squeeze(1));
        const own = scores.gather(1, t.unsqueeze(1)).squeeze(1);
        return total
          .sub(own)
          .mean()
          .add(
            p
              .mul(p)
              .sum()
              .mul(penalty / 2),
          );
      },
      least: leastOfSoftmaxRegression(),
      left: 0.02,
    },
  };
}
