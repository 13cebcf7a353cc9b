import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { cpuDevice } from '../src/device.js';
import { runByInterpreter, runOnCpu } from './harness.js';
import { randomContract, randomLoops, type Case } from './randomKernel.js';

const device = cpuDevice({ relaxedSimd: false });

function agree({ kernel, buffers, scalars, fault }: Case): void {
  const wanted = runByInterpreter(kernel, buffers, scalars);
  const got = runOnCpu(kernel, buffers, scalars, device);
  got.forEach((array, b) => {
    // whether an operand is looked at for an empty result is left open
    if (b === fault && kernel.body.kind === 'contract' && kernel.axes.includes(0)) return;
    array.forEach((value, i) => {
      if (b === fault && i > 0) return; // which of several is told is left open
      const want = wanted[b][i];
      if (value !== want && !(value !== value && want !== want))
        expect.fail(`buffer ${b} [${i}] is ${value}, not ${want}\n${JSON.stringify(kernel, null, 1)}`);
    });
  });
}

describe('random kernels agree with the interpreter', () => {
  const cases = { numRuns: 150, seed: 1, endOnFailure: true };
  const seeds = fc.integer({ min: 0, max: 2 ** 31 - 1 });

  it('loops', () => {
    fc.assert(
      fc.property(seeds, (seed) => agree(randomLoops(seed))),
      cases,
    );
  });

  it('contractions', () => {
    fc.assert(
      fc.property(seeds, (seed) => agree(randomContract(seed))),
      cases,
    );
  });
});
