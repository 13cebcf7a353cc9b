import { backward } from '@kindling/autograd';
import {
  compile,
  type Optimizer,
  type OptimizerFactory,
  type Parameter,
  parameter,
  programStatistics,
  tensor,
  type Tensor,
} from '@kindling/core';

/** A function to be minimised, of one parameter. */
interface Problem {
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
const samples = { count: 30, features: 5, classes: 3, penalty: 0.01 };
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

/** The four problems. A matrix of parameters is the same numbers in two dimensions. */
function problems(): Readonly<Record<string, Problem>> {
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

/** What an optimizer is tried with. */
export interface OptimizerTrial {
  /** Options for all problems; no weight decay, which would move the minimum. */
  readonly options?: Readonly<Record<string, unknown>>;
  /** The learning rate for each problem. */
  readonly lr: Readonly<Record<string, number>>;
  /** Default 400. */
  readonly steps?: number;
  /** Whether the learning rate falls to 0 during the run, as it does for most. Default true. */
  readonly falling?: boolean;
  /** Parameters have two dimensions. Default false. */
  readonly matrices?: boolean;
}

function fail(what: string): never {
  throw new Error(what);
}

/** A run of an optimizer on a problem. */
class Run {
  readonly parameter: Parameter;
  readonly optimizer: Optimizer;
  readonly #step: (lr: number) => Tensor;
  done = 0;

  constructor(
    factory: OptimizerFactory,
    readonly problem: Problem,
    readonly trial: OptimizerTrial,
    readonly lr: number,
    compiled: boolean,
    values: readonly number[] = problem.start,
  ) {
    const { matrices = false, options = {} } = trial;
    const rows = values.length % 2 === 0 ? values.length / 2 : samples.features;
    this.parameter = parameter(tensor([...values], { shape: matrices ? [rows, -1] : [-1] }));
    this.optimizer = factory([this.parameter], { ...options, lr });
    const body = (): Tensor => {
      this.optimizer.zeroGrad();
      const loss = problem.loss(this.parameter.reshape(-1));
      backward(loss);
      this.optimizer.step();
      return loss;
    };
    const step = compiled ? compile(body) : body;
    this.#step = (rate) => {
      this.optimizer.groups[0].lr = rate;
      return step();
    };
  }
  /** One step, and the loss before it. */
  step(): Tensor {
    const { steps = 400, falling = true } = this.trial;
    const rate = falling ? this.lr * (1 - this.done / steps) : this.lr;
    this.done += 1;
    return this.#step(rate);
  }
  async values(): Promise<number[]> {
    return Array.from(await this.parameter.data());
  }
}

const onDisk = async (state: Record<string, Tensor>): Promise<Record<string, Tensor>> =>
  Object.fromEntries(
    await Promise.all(
      Object.entries(state).map(async ([k, v]) => [k, tensor(await v.data(), { shape: v.shape })] as const),
    ),
  );
const expectSame = (actual: readonly number[], wanted: readonly number[], what: string): void =>
  actual.forEach((v, i) => {
    if (!Object.is(v, wanted[i])) fail(`${what}: element ${i} is ${v}, not ${wanted[i]}`);
  });

/**
 * The checks that every optimizer passes, by name; each throws where it does not. They need a default backend, and know of
 * the optimizer only what anyone knows.
 */
export function optimizerAdmission(
  factory: OptimizerFactory,
  trial: OptimizerTrial,
): Record<string, () => Promise<void>> {
  const all = problems();
  const softmax = all['softmax regression'];
  const run = (compiled: boolean, values?: readonly number[]): Run =>
    new Run(factory, softmax, trial, trial.lr['softmax regression'], compiled, values);
  const converging = Object.entries(all).map(([name, problem]) => {
    const check = async (): Promise<void> => {
      const r = new Run(factory, problem, trial, trial.lr[name], true);
      const first = await r.step().item();
      const { steps = 400 } = trial;
      r.step();
      const { prepared } = programStatistics();
      for (let t = 2; t < steps; t++) r.step();
      const last = await problem.loss(tensor(await r.values())).item();
      // the last line computes a loss by itself: one program more
      if (programStatistics().prepared > prepared + 1) fail('a step compiled something anew');
      const part = (last - problem.least) / (first - problem.least);
      if (!(part <= problem.left)) fail(`${part} of the way is left after ${steps} steps, from ${first} to ${last}`);
    };
    return [`finds the minimum: ${name}`, check] as const;
  });
  return {
    ...Object.fromEntries(converging),

    'compiled, its steps are the same': async () => {
      const [eager, compiled] = [run(false), run(true)];
      for (let t = 0; t < 12; t++) {
        eager.step();
        compiled.step();
      }
      expectSame(await compiled.values(), await eager.values(), 'parameters after 12 steps');
    },

    'without compile nothing is prepared anew, either': async () => {
      const r = run(false);
      for (let t = 0; t < 3; t++) r.step();
      await r.values();
      const { prepared } = programStatistics();
      for (let t = 0; t < 6; t++) r.step();
      await r.values();
      if (programStatistics().prepared > prepared)
        fail(`${programStatistics().prepared - prepared} programs were prepared`);
    },

    'a state saved and loaded continues exactly': async () => {
      const through = run(true);
      for (let t = 0; t < 7; t++) through.step();
      const state = await onDisk(through.optimizer.stateDict());
      const resumed = run(true, await through.values());
      resumed.optimizer.loadStateDict(state);
      resumed.done = through.done;
      for (let t = 0; t < 7; t++) {
        through.step();
        resumed.step();
      }
      expectSame(await resumed.values(), await through.values(), 'parameters after 14 steps');
    },

    'a parameter without a gradient stays as it is': async () => {
      const r = run(false);
      const before = await r.values();
      r.optimizer.step();
      expectSame(await r.values(), before, 'parameters');
      if (Object.keys(r.optimizer.stateDict()).some((key) => key.startsWith('state.'))) fail('it has a state');
    },

    'maximize goes up': async () => {
      const up = new Run(factory, softmax, { ...trial, options: { ...trial.options, maximize: true } }, trial.lr['softmax regression'] / 10, false); // prettier-ignore
      const first = await up.step().item();
      for (let t = 0; t < 4; t++) up.step();
      const last = await softmax.loss(tensor(await up.values())).item();
      if (!(last > first)) fail(`from ${first} to ${last}`);
    },

    'options are named, and wrong ones refused': () => {
      const p = run(false).parameter;
      for (const wrong of [{ lr: -1 }, { lr: NaN }, { thereIsNoSuchOption: 1 }]) {
        let taken = true;
        try {
          factory([p], wrong);
        } catch {
          taken = false;
        }
        if (taken) fail(`${JSON.stringify(wrong)} was taken`);
      }
      for (const [name, field] of Object.entries(factory.schema.fields))
        if (!(field as { description?: string }).description) fail(`${name} has no description`);
      return Promise.resolve();
    },
  };
}
