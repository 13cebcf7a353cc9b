import { valueAndGrad } from '@kindling/autograd';
import { type Backend, compile, logSoftmax, type LossFactory, type Tensor } from '@kindling/core';
import { useBackend } from '@kindling/testkit';
import { beforeAll, describe, test } from 'vitest';
import * as losses from '../src/index.js';
import { names as older } from './goldenSuite.js';
import { expectGolden, goldenOptions, goldenTensor, readSeveral } from './goldens.js';

/** All other losses, and those that take a weight as their last input. */
const names = [
  ...Object.keys(losses).filter((name) => name !== 'default' && !(older as readonly string[]).includes(name)),
  'mseLoss.weighted',
  'l1Loss.weighted',
  'huberLoss.weighted',
];

/** What goldens can only name. */
const functions: Record<string, unknown> = {
  greatest: (a: Tensor, b: Tensor) => a.sub(b).abs().max(-1),
  halfSquare: (x: Tensor) => x.mul(x).sum(-1).mul(0.5),
};

/** Values and gradients of all inputs against the goldens, on a backend. */
export function severalSuite(backendName: string, dtype: 'float32' | 'float64', open: () => Promise<Backend>): void {
  describe(`losses equal their references on ${backendName}, ${dtype}`, () => {
    beforeAll(useBackend(open));
    for (const name of names)
      describe(name, () => {
        const factory = (
          losses as unknown as Record<string, LossFactory<string, Record<never, never>, Tensor[], string>>
        )[name.replace('.weighted', '')];
        for (const golden of readSeveral(name))
          test(golden.name, async () => {
            const options = Object.fromEntries(
              Object.entries(goldenOptions(golden.options, dtype)).map(([k, v]) => [
                k,
                typeof v === 'string' && v in functions ? functions[v] : v === 'Infinity' ? Infinity : v,
              ]),
            );
            const inputs = golden.inputs.map((given) => goldenTensor(given, dtype));
            const reductions = Object.keys(golden.results);
            const { gradients: some } = golden.results[reductions[0]];
            const differentiable = [...inputs.keys()].filter((i) => some[i] !== null);
            // everything as one program: compiling is what takes the time
            const all = compile((...given: Tensor[]) =>
              reductions.map((reduction) => {
                let value: Tensor | undefined;
                const { grads } = valueAndGrad((...xs: Tensor[]) => {
                  const [first, ...others] = inputs.map((t, i) => xs[differentiable.indexOf(i)] ?? t);
                  const used = golden.softmax ? logSoftmax(first, -1) : first;
                  value = factory({ ...options, reduction })(used, ...others);
                  if (reduction !== 'none') return value;
                  return value.mul(goldenTensor({ shape: value.shape, data: golden.upstream }, dtype)).sum();
                })(...given);
                return [value!.detach(), ...grads];
              }),
            )(...differentiable.map((i) => inputs[i]));
            for (const [r, reduction] of reductions.entries()) {
              const [value, ...grads] = all[r];
              const wanted = golden.results[reduction];
              expectGolden(await value.data(), wanted.value, dtype, `${reduction}: value`);
              for (const [g, i] of differentiable.entries())
                expectGolden(
                  await grads[g].data(),
                  wanted.gradients[i]!,
                  dtype,
                  `${reduction}: gradient of input ${i}`,
                );
            }
          });
      });
  });
}
