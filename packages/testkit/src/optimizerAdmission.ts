import { type OptimizerFactory, programStatistics, tensor, type Tensor } from '@kindling/core';
import { type ProblemName, problems } from './optimizers/problems.js';
import { Run } from './optimizers/run.js';

/** What an optimizer is tried with. */
export interface OptimizerTrial {
  /** Options for all problems; no weight decay, which would move the minimum. */
  readonly options?: Readonly<Record<string, unknown>>;
  /** The learning rate for each problem. */
  readonly lr: Readonly<Record<ProblemName, number>>;
  /** Default 400. */
  readonly steps?: number;
  /** Whether the learning rate falls to 0 during the run, as it does for most. Default true. */
  readonly falling?: boolean;
  /** Parameters have two dimensions. Default false. */
  readonly matrices?: boolean;
  /**
   * Whether a compiled step must give the same bits as one that is not compiled. false for an optimizer whose step then is
   * several programs, which may differ in the last places. Default true.
   */
  readonly exact?: boolean;
  /** Steps after which nothing is compiled any more. Default 2. */
  readonly settles?: number;
}

function fail(what: string): never {
  throw new Error(what);
}

/** Tensors as a file would hold them. */
const onDisk = async (state: Record<string, Tensor>): Promise<Record<string, Tensor>> =>
  Object.fromEntries(
    await Promise.all(
      Object.entries(state).map(async ([k, v]) => [k, tensor(await v.data(), { shape: v.shape })] as const),
    ),
  );
/** The same bits, or within a part of the greatest. */
function requireSame(actual: readonly number[], wanted: readonly number[], what: string, tolerance = 0): void {
  const allowed = tolerance * Math.max(...wanted.map(Math.abs));
  actual.forEach((v, i) => {
    if (!Object.is(v, wanted[i]) && !(tolerance > 0 && Math.abs(v - wanted[i]) <= allowed))
      fail(`${what}: element ${i} is ${v}, not ${wanted[i]}`);
  });
}

/**
 * The checks that an optimizer of any kind should pass, by name, for any test runner; each throws where it does not. They
 * need a default backend, and know of the optimizer only what anyone knows: that it finds the minimum of Rosenbrock's and
 * Beale's functions, of an ill-conditioned quadratic and of a convex softmax regression; that compiled steps are the same
 * as others, and nothing is compiled anew; that a state saved and loaded continues exactly, and the weights for evaluation
 * come and go without a trace.
 */
export function optimizerAdmission(
  // eslint-disable-next-line @typescript-eslint/no-explicit-any -- a factory's options are invariant
  tried: OptimizerFactory<string, any>,
  trial: OptimizerTrial,
): Record<string, () => Promise<void>> {
  const factory = tried as OptimizerFactory;
  const all = problems();
  const softmax = all['softmax regression'];
  const { steps = 400, settles = 2 } = trial;
  const tolerance = trial.exact === false ? 1e-5 : 0;
  const run = (compiled: boolean, values?: readonly number[]): Run =>
    new Run(factory, softmax, trial, trial.lr['softmax regression'], compiled, values);
  const converging = Object.entries(all).map(([name, problem]) => {
    const check = async (): Promise<void> => {
      const r = new Run(factory, problem, trial, trial.lr[name as ProblemName], true);
      const first = await (await r.step()).item();
      await r.steps(settles - 1);
      await r.loss();
      const { prepared } = programStatistics();
      await r.steps(steps - settles);
      const last = await r.loss();
      if (programStatistics().prepared > prepared) fail('a step compiled something anew');
      const part = (last - problem.least) / (first - problem.least);
      if (!(part <= problem.left))
        fail(
          `${part} of the way is left after ${steps} steps, from ${first} to ${last}; at most ${problem.left} may be. Another learning rate (lr['${name}'], now ${trial.lr[name as ProblemName]}) may do`,
        );
    };
    return [`finds the minimum: ${name}`, check] as const;
  });
  return {
    ...Object.fromEntries(converging),

    'compiled, its steps are the same': async () => {
      const [eager, compiled] = [run(false), run(true)];
      await eager.steps(12);
      await compiled.steps(12);
      requireSame(await compiled.values(), await eager.values(), 'parameters after 12 steps', tolerance);
    },

    'without compile nothing is prepared anew, either': async () => {
      const r = run(false);
      await r.steps(settles + 1);
      await r.values();
      const { prepared } = programStatistics();
      await r.steps(6);
      await r.values();
      if (programStatistics().prepared > prepared)
        fail(`${programStatistics().prepared - prepared} programs were prepared`);
    },

    'a state saved and loaded continues exactly': async () => {
      const through = run(true);
      await through.steps(7);
      const state = await onDisk(through.optimizer.stateDict());
      const resumed = run(true, await through.values());
      resumed.optimizer.loadStateDict(state);
      resumed.done = through.done;
      await through.steps(7);
      await resumed.steps(7);
      requireSame(await resumed.values(), await through.values(), 'parameters after 14 steps');
    },

    'a state can be loaded over one that has moved on': async () => {
      const r = run(true);
      await r.steps(3);
      const [state, values] = [await onDisk(r.optimizer.stateDict()), await r.values()];
      await r.steps(3);
      r.optimizer.loadStateDict(state);
      for (const [k, v] of Object.entries(r.optimizer.stateDict()))
        requireSame(Array.from(await v.data()), Array.from((await state[k]?.data()) ?? []), k);
      const other = run(true, values);
      other.optimizer.loadStateDict(state);
      const [names, wanted] = [Object.keys(other.optimizer.stateDict()).sort(), Object.keys(state).sort()];
      if (names.join() !== wanted.join()) fail(`a loaded state has ${names.join()}, not ${wanted.join()}`);
    },

    'weights for evaluation come and go without a trace': async () => {
      const [measured, other] = [run(true), run(true)];
      for (let t = 0; t < 6; t++) {
        await measured.step();
        await other.step();
        const before = await measured.values();
        measured.optimizer.train(false);
        measured.optimizer.train(false);
        await measured.values();
        measured.optimizer.train();
        requireSame(await measured.values(), before, 'parameters after an evaluation');
      }
      requireSame(await measured.values(), await other.values(), 'parameters after 6 steps with evaluations');
    },

    'a parameter without a gradient stays as it is': async () => {
      const r = run(false);
      const before = await r.values();
      await r.optimizer.step(() => {
        r.optimizer.zeroGrad();
        return tensor(0);
      });
      requireSame(await r.values(), before, 'parameters');
      if (Object.keys(r.optimizer.stateDict()).some((key) => key.startsWith('state.'))) fail('it has a state');
    },

    'maximize is the way to the minimum of the opposite': async () => {
      const opposite = { ...softmax, loss: (p: Tensor) => softmax.loss(p).neg() };
      const up = { ...trial, options: { ...trial.options, maximize: true } };
      const [down, other] = [run(true), new Run(factory, opposite, up, trial.lr['softmax regression'], true)];
      await down.steps(6);
      await other.steps(6);
      requireSame(await other.values(), await down.values(), 'parameters after 6 steps', tolerance);
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
