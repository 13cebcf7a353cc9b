import { backward } from '@kindling/autograd';
import { type Backend, compileStep, concat, parameter, tensor, type Tensor } from '@kindling/core';
import { useBackend } from '@kindling/testkit';
import { beforeAll, describe, expect, test } from 'vitest';
import { lbfgs } from '../src/index.js';
import { expectClose, type Float, read } from './trajectorySuite.js';

// What goldens/generate.py writes.
interface Golden {
  readonly name: string;
  readonly options: Readonly<Record<string, unknown>>;
  readonly steps: readonly { loss: number; evaluations: number; w: readonly number[]; b: readonly number[] }[];
  readonly shared: Readonly<Record<string, readonly number[]>>;
}
const problem = read('problem') as { parameters: Record<'w' | 'b', { shape: number[]; data: number[] }> };

/** L-BFGS against the goldens, on a backend: losses, evaluations, parameters after each step, the state in the end. */
export function lbfgsSuite(
  backendName: string,
  open: () => Promise<Backend>,
  dtypes: readonly Float[] = ['float64', 'float32'],
): void {
  describe(`lbfgs on ${backendName}`, () => {
    beforeAll(useBackend(open));
    for (const dtype of dtypes)
      for (const compiled of [true, false])
        describe(`follows PyTorch's, ${dtype}${compiled ? ', the closure compiled' : ''}`, () => {
          for (const golden of read('lbfgs') as Golden[])
            test(golden.name, async () => {
              const start = (name: 'w' | 'b') => {
                const { shape, data } = problem.parameters[name];
                return parameter(tensor(Float64Array.from(data), { shape, dtype }));
              };
              const [w, b] = [start('w'), start('b')];
              const optimizer = lbfgs([w, b], golden.options);
              let evaluations = 0;
              const closure = (): Tensor => {
                if (!compiled) evaluations += 1;
                optimizer.zeroGrad();
                const x = concat([w.reshape(-1), b]);
                const [low, high] = [x.slice([0, 8]), x.slice([1, 9])];
                const [bend, along] = [high.sub(low.mul(low)), low.neg().add(1)];
                const loss = bend.mul(bend).mul(2).add(along.mul(along)).sum();
                backward(loss);
                return loss;
              };
              const step = compiled ? compileStep(optimizer, closure) : () => optimizer.step(closure);
              for (const [i, wanted] of golden.steps.entries()) {
                const loss = await step();
                // beside the first one, as what counts as nearly 0 depends on it
                const [{ loss: first }] = golden.steps;
                const losses = Float64Array.of(await loss.item(), first);
                expectClose(losses, [wanted.loss, first], dtype, `the loss before step ${i + 1}`);
                expectClose(await w.data(), wanted.w, dtype, `w after step ${i + 1}`);
                expectClose(await b.data(), wanted.b, dtype, `b after step ${i + 1}`);
                if (!compiled && dtype === 'float64') expect(evaluations, `step ${i + 1}`).toBe(wanted.evaluations);
              }
              if (dtype === 'float32') return; // differences of nearly equal gradients
              const state = optimizer.stateDict();
              for (const [key, wanted] of Object.entries(golden.shared))
                expectClose(await state[`shared.${key}`].data(), wanted, dtype, key);
            });
        });
  });
}
