import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { cpuDevice } from '../src/device.js';
import { runByInterpreter, runOnCpu } from './harness.js';
import { randomLoops, type Case } from './randomKernel.js';

const device = cpuDevice({ relaxedSimd: false });

function agree({ kernel, buffers, scalars }: Case): void {
  const wanted = runByInterpreter(kernel, buffers, scalars);
  const got = runOnCpu(kernel, buffers, scalars, device);
  got.forEach((array, b) => {
    array.forEach((value, i) => {
      const want = wanted[b]![i]!;
      if (value !== want && !(value !== value && want !== want))
        expect.fail(`buffer ${b} [${i}] is ${value}, not ${want}\n${JSON.stringify(kernel, null, 1)}`);
    });
  });
}

describe('random kernels agree with the interpreter', () => {
  it('loops', () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 2 ** 31 - 1 }), (seed) => agree(randomLoops(seed))),
      { numRuns: Number(process.env.RUNS ?? 400), seed: Number(process.env.SEED ?? 1), endOnFailure: true },
    );
  });
});
