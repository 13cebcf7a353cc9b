// Gradients make graphs that nobody would write by hand: padded views of padded views, scatters of gathers, several
// results out of one loop. The programs are those of randomGraphs.test.ts; how far results may be apart is followed
// element by element through the graph.
import { valueAndGrad } from '@kindling/autograd';
import { isFloat, type Tensor } from '@kindling/core';
import { cpu } from '@kindling/cpu-backend';
import { compareBackends, type Computation, referenceBackend } from '@kindling/testkit';
import fc from 'fast-check';
import { beforeAll, describe, expect, it } from 'vitest';
import { interpretedBackend } from './interpretedBackend.js';
import { recipes } from './randomGraph/arbitrary.js';
import { build, leafTensor, type Program, programOf, showProgram } from './randomGraph/program.js';

const numRuns = Number(process.env['KINDLING_RUNS'] ?? 20);
const seed = Number(process.env['KINDLING_SEED'] ?? 43);

/** The outputs of a program, and the gradients of their weighted sum with respect to its float leaves. */
function withGradients(program: Program): Computation {
  return {
    leaves: () => program.leaves.map(leafTensor),
    build: (leaves) => {
      const differentiable = leaves.filter((t) => isFloat(t.dtype));
      if (differentiable.length === 0) return [];
      const outputs: Tensor[] = [];
      const { value, grads } = valueAndGrad((...given: Tensor[]) => {
        const values = build(program, leaves.map((t) => given[differentiable.indexOf(t)] ?? t)); // prettier-ignore
        let total = given.map((t) => t.sum()).reduce((a, b) => a.add(b));
        for (const i of program.outputs) {
          outputs.push(values[i].detach());
          if (isFloat(values[i].dtype)) total = total.add(values[i].mul(i % 2 === 0 ? 0.5 : -1).sum());
        }
        return total;
      })(...differentiable);
      return [...outputs, value, ...grads];
    },
  };
}

let backends: { name: string; backend: Awaited<ReturnType<typeof cpu>> }[] = [];
beforeAll(async () => {
  backends = [
    { name: 'interpreted kernels', backend: interpretedBackend() },
    { name: 'CPU', backend: await cpu() },
  ];
});

describe('gradients of random programs', () => {
  it(
    'are the same fused, interpreted and node by node',
    async () => {
      let [compared, skipped] = [0, 0];
      await fc.assert(
        fc.asyncProperty(recipes, fc.constantFrom('together' as const, 'apart' as const), async (recipe, mode) => {
          const program = programOf(recipe);
          for (const { name, backend } of backends) {
            try {
              // sums in lanes and blocks, twice: once more for each of the reductions that a gradient adds
              const tolerance = { functions: 8, sums: 4, basic: 2 };
              const result = await compareBackends(withGradients(program), referenceBackend(), backend, { modes: [mode], tolerance }); // prettier-ignore
              compared += result.compared;
              skipped += result.skipped;
            } catch (error) {
              throw new Error(`${name}, ${mode}: ${String(error)}\n${showProgram(program)}`, { cause: error });
            }
          }
        }),
        { numRuns, seed, interruptAfterTimeLimit: Math.max(20_000, numRuns * 500) },
      );
      expect(compared).toBeGreaterThan(10 * skipped);
    },
    Math.max(60_000, numRuns * 1000),
  );
});
