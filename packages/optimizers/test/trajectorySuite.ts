import { readFileSync } from 'node:fs';
import {
  type Backend,
  noGrad,
  type GradientOptimizer,
  type OptimizerFactory,
  type Parameter,
  parameter,
  programStatistics,
  tensor,
  type Tensor,
  type TypedArray,
} from '@kindling/core';
import { useBackend } from '@kindling/testkit';
import { beforeAll, describe, expect, test } from 'vitest';
import plugin, * as optimizers from '../src/index.js';

// What goldens/generate.py writes.
interface GoldenTensor {
  readonly shape: readonly number[];
  readonly data: readonly number[];
}
type Named<T> = Readonly<Record<'w' | 'b', T>>;
interface Problem {
  readonly coupling: number;
  readonly parameters: Named<GoldenTensor>;
  readonly noise: Named<GoldenTensor>;
}
interface Trajectory {
  readonly name: string;
  readonly options: Readonly<Record<string, unknown>>;
  readonly groups?: readonly Readonly<Record<string, unknown>>[];
  readonly lrs?: readonly (readonly number[])[];
  readonly skipped?: readonly number[];
  readonly only?: readonly ('w' | 'b')[];
  readonly steps: Readonly<Record<string, Named<readonly number[]>>>;
  readonly state: Named<Readonly<Record<string, readonly number[]>>>;
  /** Only float64 can follow. */
  readonly float64?: true;
  readonly shared?: Readonly<Record<string, readonly number[]>>;
  readonly evaluation?: Named<readonly number[]>;
}
export type Float = 'float32' | 'float64';

export const read = (name: string): unknown =>
  JSON.parse(readFileSync(new URL(`./goldens/${name}.golden.json`, import.meta.url), 'utf8'));
const problem = read('problem') as Problem;
const stepCount = problem.noise.w.shape[0];
const both = ['w', 'b'] as const;

const names = ['sgd', 'adam', 'adamw', 'rmsprop'] as const;
const factories = optimizers as unknown as Record<string, OptimizerFactory<string, any, GradientOptimizer>>;
/** Those whose further behaviour the admission tests cover. */
const later = plugin.provides
  .flatMap((provision) => (provision.kind === 'optimizer' ? [provision.optimizerName as string] : []))
  .filter((name) => !(names as readonly string[]).includes(name) && name !== 'lbfgs'); // which has a suite of its own
/** An optimizer, and whose trajectories it follows. */
const followers = [
  ...[...names, ...later].map((name) => ({ name, golden: name, also: {} })),
  { name: 'adam', golden: 'adamw', also: { decoupledWeightDecay: true } },
];

/** float32: rtol 1e-5 and 1e-6 of the greatest; float64: 1e-10 and as much less of the greatest. */
const tolerance = { float32: [1e-5, 1e-6], float64: [1e-10, 1e-11] } as const;

export function expectClose(actual: TypedArray, wanted: readonly number[], dtype: Float, what: string): void {
  expect(actual.length, what).toBe(wanted.length);
  const greatest = Math.max(...wanted.map(Math.abs));
  const [relative, absolute] = tolerance[dtype];
  wanted.forEach((w, i) => {
    if (!(Math.abs(actual[i] - w) <= relative * Math.abs(w) + absolute * greatest))
      expect.fail(`${what}[${i}] is ${actual[i]}, PyTorch has ${w} (${dtype})`);
  });
}

/** The two parameters at their start, and their given gradients. */
class Run {
  readonly parameters: Named<Parameter>;
  constructor(readonly dtype: Float) {
    const start = (name: 'w' | 'b'): Parameter => {
      const { shape, data } = problem.parameters[name];
      return parameter(tensor(Float64Array.from(data), { shape, dtype }));
    };
    this.parameters = { w: start('w'), b: start('b') };
  }
  /** The gradient of a parameter at step t = 1, 2, … */
  gradient(name: 'w' | 'b', t: number): Tensor {
    const p = this.parameters[name];
    const noise = problem.noise[name].data.slice((t - 1) * p.size, t * p.size);
    return noGrad(() =>
      tensor(Float64Array.from(noise), { shape: p.shape, dtype: this.dtype }).add(p.mul(problem.coupling)),
    );
  }
  step(optimizer: GradientOptimizer, t: number, skipped: readonly number[] = []): void {
    // as a closure, for those that want gradients elsewhere, too
    optimizer.step(() => {
      for (const name of both)
        this.parameters[name].grad = name === 'b' && skipped.includes(t) ? undefined : this.gradient(name, t);
      return tensor(0);
    });
  }
  make(
    factory: OptimizerFactory<string, any, GradientOptimizer>,
    { options, groups, only }: Pick<Trajectory, 'options' | 'groups' | 'only'>,
  ): GradientOptimizer {
    const { w, b } = this.parameters;
    if (only !== undefined) return factory(only.map((name) => this.parameters[name]), options); // prettier-ignore
    return groups === undefined
      ? factory([w, b], options)
      : factory(
          [
            { params: [w], ...groups[0] },
            { params: [b], ...groups[1] },
          ] as never,
          options,
        );
  }
  async values(): Promise<Named<TypedArray>> {
    return { w: await this.parameters.w.data(), b: await this.parameters.b.data() };
  }
}

/** 50-step trajectories of every optimizer against the goldens, and what must hold of each, on a backend. */
export function trajectorySuite(
  backendName: string,
  open: () => Promise<Backend>,
  dtypes: readonly Float[] = ['float32', 'float64'],
): void {
  describe(`optimizers on ${backendName}`, () => {
    beforeAll(useBackend(open));
    for (const { name, golden: file, also } of followers)
      for (const dtype of dtypes)
        describe(`${name} follows PyTorch's ${file}, ${dtype}`, () => {
          for (const golden of (read(file) as Trajectory[]).filter((g) => dtype === 'float64' || g.float64 !== true))
            test(golden.name, async () => {
              const run = new Run(dtype);
              const optimizer = run.make(factories[name], { ...golden, options: { ...golden.options, ...also } });
              for (let t = 1; t <= stepCount; t++) {
                golden.lrs?.[t - 1]!.forEach((lr, g) => (optimizer.groups[g].lr = lr));
                run.step(optimizer, t, golden.skipped);
                const wanted = golden.steps[t];
                if (wanted === undefined) continue;
                const values = await run.values();
                for (const p of both) expectClose(values[p], wanted[p], dtype, `${p} after step ${t}`);
              }
              const state = optimizer.stateDict();
              for (const [i, p] of both.entries())
                for (const [key, wanted] of Object.entries(golden.state[p] ?? {}))
                  expectClose(await state[`state.${i}.${key}`].data(), wanted, dtype, `${key} of ${p}`);
              for (const [key, wanted] of Object.entries(golden.shared ?? {}))
                expectClose(await state[`shared.${key}`].data(), wanted, dtype, key);
              if (golden.evaluation === undefined) return;
              optimizer.train(false);
              const values = await run.values();
              for (const p of both) expectClose(values[p], golden.evaluation[p], dtype, `${p} to be used`);
            });
        });

    for (const name of names) {
      const factory = factories[name];
      describe(name, () => {
        const adaptive = name === 'adam' || name === 'adamw';
        const options = {
          lr: 0.05,
          weightDecay: 0.1,
          ...(adaptive ? { amsgrad: true } : { momentum: 0.9 }),
          ...(name === 'rmsprop' ? { centered: true } : {}),
        };

        test('a learning rate that changes compiles nothing, even at 0 and 1', async () => {
          const run = new Run('float32');
          const optimizer = run.make(factory, { options });
          run.step(optimizer, 1);
          const { prepared } = programStatistics();
          for (const [i, lr] of [0, 1, 0.1, -0, 1e-30, 0.5].entries()) {
            optimizer.groups[0].lr = lr;
            run.step(optimizer, 2 + i);
          }
          await run.values();
          expect(programStatistics().prepared).toBe(prepared);
        });

        test('other options that change compile nothing', async () => {
          const run = new Run('float32');
          const optimizer = run.make(factory, { options });
          run.step(optimizer, 1);
          const { prepared } = programStatistics();
          const group = optimizer.groups[0];
          for (const [i, x] of [0, 1e-3, 0.5].entries()) {
            Object.assign(group, { weightDecay: x, ...(adaptive ? { betas: [x, 1 - x / 2 - 1e-3], eps: x } : { momentum: x }) }); // prettier-ignore
            run.step(optimizer, 2 + i);
          }
          await run.values();
          expect(programStatistics().prepared).toBe(prepared);
        });

        test('a state saved and loaded continues exactly', async () => {
          const through = new Run('float32');
          const optimizer = through.make(factory, { options });
          for (let t = 1; t <= 7; t++) through.step(optimizer, t);

          // everything goes through host arrays, as a file would hold it
          const onDisk = async (tensors: Record<string, Tensor>): Promise<Record<string, Tensor>> =>
            Object.fromEntries(
              await Promise.all(
                Object.entries(tensors).map(async ([k, v]) => [k, tensor(await v.data(), { shape: v.shape })] as const),
              ),
            );
          const values = await onDisk(through.parameters);
          const state = await onDisk(optimizer.stateDict());
          const resumed = new Run('float32');
          Object.assign(resumed.parameters, { w: parameter(values['w']), b: parameter(values['b']) });
          const other = resumed.make(factory, { options: { ...options, lr: 1 } });
          other.loadStateDict(state);
          expect(other.groups[0].lr).toBe(options.lr);

          for (let t = 8; t <= 20; t++) {
            through.step(optimizer, t);
            resumed.step(other, t);
          }
          expect(await resumed.values()).toEqual(await through.values());
        });

        test('a state can be loaded over one that has moved on', async () => {
          const run = new Run('float32');
          const optimizer = run.make(factory, { options });
          run.step(optimizer, 1);
          const saved = Object.fromEntries(
            await Promise.all(
              Object.entries(optimizer.stateDict()).map(
                async ([k, v]) => [k, tensor(await v.data(), { shape: v.shape })] as const,
              ),
            ),
          );
          run.step(optimizer, 2);
          optimizer.loadStateDict(saved);
          for (const [k, v] of Object.entries(optimizer.stateDict()))
            expect(await v.data(), k).toEqual(await saved[k].data());
        });

        test('frozen parameters and those without a gradient stay as they are', async () => {
          const run = new Run('float32');
          const before = await run.values();
          const optimizer = run.make(factory, { options });
          run.parameters.w.requiresGrad = false;
          run.step(optimizer, 1);
          expect((await run.values()).w).toEqual(before.w);
          expect((await run.values()).b).not.toEqual(before.b);
          run.parameters.w.requiresGrad = true;
          const { b } = await run.values();
          run.step(optimizer, 2, [2]);
          expect((await run.values()).b).toEqual(b);
          expect((await run.values()).w).not.toEqual(before.w);
        });

        test('maximize goes the other way', async () => {
          const [down, up] = [new Run('float32'), new Run('float32')];
          const plain = { lr: 0.05, weightDecay: 0 };
          const start = await down.values();
          down.step(down.make(factory, { options: plain }), 1);
          up.step(up.make(factory, { options: { ...plain, maximize: true } }), 1);
          const [a, b] = [await down.values(), await up.values()];
          start.w.forEach((x, i) => {
            expect(Math.sign(a.w[i] - x)).toBe(-Math.sign(b.w[i] - x));
            expect(Math.abs(a.w[i] - x)).toBeCloseTo(Math.abs(b.w[i] - x), 5);
          });
        });
      });
    }
  });
}
