import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { KernelCompiler } from '../src/compileKernel.js';
import { cpuDevice } from '../src/device.js';
import { Memory } from '../src/memory.js';
import { record } from '../src/recording.js';
import { runOnCpu } from './harness.js';
import { matmul, noise } from './matmul.js';
import { expectInterpreted, random, randomContract, randomLoops, type Case } from './randomKernel.js';

const device = cpuDevice({ relaxedSimd: false });
const split = cpuDevice({ relaxedSimd: false, split: 3 });
const paired = cpuDevice({ relaxedSimd: false, revectorize: true });

function agree(made: Case, on = device): void {
  expectInterpreted(made, runOnCpu(made.kernel, made.buffers, made.scalars, on));
}

const memory = new Memory();
const compiler = new KernelCompiler(memory, { fusedMultiplyAdd: false, pairsVectors: false });
const scratch = memory.allocate(4 << 20);

/**
 * Kernels whose units may run at the same time run in pieces, the last first: all bits are the same, but for those of NaNs,
 * which depend on how far the engine has optimised the code.
 */
function cut({ kernel, buffers, scalars, fault }: Case, pick: (below: number) => number): void {
  const executable = compiler.compile(kernel);
  if (!executable.passes.every(({ divisible }) => divisible)) return;
  const [whole, pieces] = [false, true].map((inPieces) => {
    const copies = buffers.map(({ byteLength }) => memory.allocate(byteLength));
    const bytes = (i: number) => memory.range('test', copies[i], 0, copies[i].bytes);
    buffers.forEach((array, i) => bytes(i).set(new Uint8Array(array.buffer)));
    const launch = { executable, buffers: copies, scalars: { from: 0, count: scalars.length } };
    const recording = record(memory, [launch], (calls) => {
      for (const { executable: pass, at, extent } of [...calls].reverse()) {
        for (let to = extent; to > 0;) {
          const from = inPieces ? pick(to) : 0;
          pass.run(at, from, to, scratch.pointer);
          to = from;
        }
      }
    });
    recording.run(Float64Array.from(scalars));
    const result = copies.map((_, i) => new (buffers[i].constructor as typeof Float32Array)(bytes(i).slice().buffer));
    for (const copy of copies) memory.free(copy);
    recording.free!();
    return result;
  });
  whole.forEach((values, b) => {
    if (b !== fault && !values.every((x, i) => Object.is(x, pieces[b][i])))
      expect.fail(`buffer ${b} differs\n${JSON.stringify(kernel, null, 1)}`);
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

  it('loops in parts', () => {
    let inParts = 0;
    fc.assert(
      fc.property(seeds, (seed) => {
        const made = randomLoops(seed);
        inParts += Number(split.compile(made.kernel).passes.length > 1);
        agree(made, split);
      }),
      cases,
    );
    expect(inParts).toBeGreaterThan(10);
  });

  it('contractions', () => {
    fc.assert(
      fc.property(seeds, (seed) => agree(randomContract(seed))),
      cases,
    );
  });

  it('both, written for pairs of vectors', () => {
    fc.assert(
      fc.property(seeds, (seed) => {
        agree(randomLoops(seed), paired);
        agree(randomContract(seed), paired);
      }),
      cases,
    );
  });
});

describe('what runs in pieces gives the same bits', () => {
  const cases = { numRuns: 150, seed: 2, endOnFailure: true };
  const seeds = fc.integer({ min: 0, max: 2 ** 31 - 1 });

  it('loops', () => {
    fc.assert(
      fc.property(seeds, (seed) => cut(randomLoops(seed), random(seed))),
      cases,
    );
  });

  it('contractions', () => {
    fc.assert(
      fc.property(seeds, (seed) => cut(randomContract(seed), random(seed))),
      cases,
    );
  });

  it('contractions of several parts of rows', () => {
    for (const [M, N, K, ta, tb] of [
      [700, 20, 40, false, false],
      [1500, 3, 1100, true, false],
      [333, 70, 9, false, true],
    ] as const) {
      const kernel = matmul(M, N, K, ta, tb, true);
      const buffers = [noise(M * K, 1), noise(K * N, 2), noise(M * N, 3), noise(N, 4)];
      cut({ kernel, buffers, scalars: [], fault: -1 }, random(M));
    }
  });
});
