import {
  assign,
  type Backend,
  commit,
  compile,
  keep,
  manualSeed,
  setDefaultBackend,
  type Tensor,
  type TypedArray,
  type Variable,
  variable,
} from '@kindling/core';
import { build, leafTensor, type Program } from './program.js';

export type Mode = 'eager' | 'one by one' | 'compiled';

/** What every output is after each of `runs` runs, and what the variables are in the end. */
export interface Results {
  readonly outputs: readonly (readonly TypedArray[])[];
  readonly variables: readonly TypedArray[];
}

/**
 * Runs a program some times on a backend; its variables carry over.
 * - `compiled`: one traced program with all outputs and updates;
 * - `eager`: all outputs and updates in one schedule;
 * - `one by one`: outputs are read one after another, then the variables are written.
 */
export async function runProgram(program: Program, backend: Backend, mode: Mode, runs: number): Promise<Results> {
  setDefaultBackend(backend);
  manualSeed(7);
  const leaves = program.leaves.map((l): Tensor => (l.variable ? variable(leafTensor(l)) : leafTensor(l)));
  const body = (...given: Tensor[]): Tensor[] => {
    const values = build(program, given);
    for (const { leaf, value } of program.updates) assign(leaves[leaf] as Variable, values[value]);
    return program.outputs.map((i) => values[i]);
  };
  const step = mode === 'compiled' ? compile((...inputs: Tensor[]) => body(...inputs)) : body;
  const outputs: TypedArray[][] = [];
  for (let run = 0; run < runs; run++) {
    let results: Tensor[];
    if (mode === 'one by one') {
      const values = build(program, leaves);
      results = program.outputs.map((i) => values[i]);
      const read: TypedArray[] = [];
      for (const t of results) read.push(await t.data());
      for (const { leaf, value } of program.updates) assign(leaves[leaf] as Variable, values[value]);
      commit();
      outputs.push(read);
      continue;
    }
    results = step(...leaves);
    if (mode === 'eager') {
      for (const t of results) keep(t);
      commit();
    }
    const read: TypedArray[] = [];
    for (const t of results) read.push(await t.data());
    outputs.push(read);
  }
  const variables: TypedArray[] = [];
  for (const t of leaves) if (program.leaves[leaves.indexOf(t)].variable) variables.push(await t.data());
  setDefaultBackend(undefined);
  return { outputs, variables };
}
