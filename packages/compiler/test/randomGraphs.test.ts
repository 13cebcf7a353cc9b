import { cpu } from '@kindling/cpu-backend';
import type { Backend, TypedArray } from '@kindling/core';
import { referenceBackend } from '@kindling/testkit';
import fc from 'fast-check';
import { beforeAll, describe, expect, it } from 'vitest';
import { interpretedBackend } from './interpretedBackend.js';
import { recipes } from './randomGraph/arbitrary.js';
import { errorsOf, type Program, programOf, showProgram } from './randomGraph/program.js';
import { type Mode, type Results, runProgram } from './randomGraph/runProgram.js';
import { ulps } from './randomGraph/value.js';

// KINDLING_RUNS asks for a longer search, KINDLING_SEED for another one
const numRuns = Number(process.env['KINDLING_RUNS'] ?? 75);
const seed = Number(process.env['KINDLING_SEED'] ?? 42);
const runs = 3;

/** Whether two arrays agree within an absolute distance; the same bits where it is 0, but for the sign of zero. */
function firstDifference(a: TypedArray, b: TypedArray, distance: number): number {
  if (a.length !== b.length || a.constructor !== b.constructor) return 0;
  for (let i = 0; i < a.length; i++) {
    const [x, y] = [a[i], b[i]];
    if (x !== y && !(Math.abs(x - y) <= distance) && !(Number.isNaN(x) && Number.isNaN(y))) return i;
  }
  return -1;
}

function compare(program: Program, expected: Results, found: Results, what: string): void {
  const report = (where: string, a: TypedArray, b: TypedArray, distance: number): void => {
    const i = firstDifference(a, b, distance);
    if (i >= 0)
      throw new Error(
        `${what}: ${where}, element ${i}: ${b[i]} instead of ${a[i]} (allowed distance ${distance})\n${showProgram(program)}`,
      );
  };
  let leaves = program.leaves.map(() => 0);
  for (let run = 0; run < runs; run++) {
    const errors = errorsOf(program, leaves);
    program.outputs.forEach((value, i) => {
      report(`run ${run}, value ${value}`, expected.outputs[run][i], found.outputs[run][i], errors[value]);
    });
    leaves = program.leaves.map((_, i) => {
      const update = program.updates.find((u) => u.leaf === i);
      return update === undefined ? 0 : errors[update.value];
    });
  }
  let v = 0;
  program.leaves.forEach((l, i) => {
    if (!l.variable) return;
    report(`variable ${i}`, expected.variables[v], found.variables[v], leaves[i]);
    v += 1;
  });
}

let backends: { name: string; backend: Backend }[] = [];
beforeAll(async () => {
  backends = [
    { name: 'interpreted kernels', backend: interpretedBackend() },
    { name: 'CPU', backend: await cpu() },
  ];
});

describe(`random programs, each operation within ${ulps} ulp`, () => {
  it(
    'mean the same fused, interpreted and node by node',
    async () => {
      const modes = fc.constantFrom<Mode>('eager', 'one by one', 'compiled');
      await fc.assert(
        fc.asyncProperty(recipes, modes, async (recipe, given) => {
          const program = programOf(recipe);
          // woven values are so in one program only
          const mode = recipe.kind === 'woven' && given === 'one by one' ? 'compiled' : given;
          const expected = await runProgram(program, referenceBackend(), 'one by one', runs);
          for (const { name, backend } of backends) {
            let found: Results;
            try {
              found = await runProgram(program, backend, mode, runs);
            } catch (error) {
              throw new Error(`${name}, ${mode}: ${String(error)}\n${showProgram(program)}`, { cause: error });
            }
            compare(program, expected, found, `${name}, ${mode}`);
          }
        }),
        { numRuns, seed, interruptAfterTimeLimit: Math.max(25_000, numRuns * 250) }, // also bounds the shrinking
      );
    },
    Math.max(60_000, numRuns * 500),
  );
  it('are not trivial', () => {
    const programs = fc.sample(recipes, { numRuns: 200, seed }).map(programOf);
    const names = new Set(programs.flatMap((p) => p.steps.map((s) => s.name.split(' ')[0])));
    expect(names.size).toBeGreaterThan(50);
    expect(programs.filter((p) => p.steps.length >= 8).length).toBeGreaterThan(80);
    expect(programs.filter((p) => p.updates.length > 0).length).toBeGreaterThan(100);
  });
});
