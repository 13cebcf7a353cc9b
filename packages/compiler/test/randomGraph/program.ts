import { type DType, KindlingError, tensor, type Tensor } from '@kindling/core';
import { Choices } from './choices.js';
import { makers, unitOf } from './operations.js';
import type { Draft, Known, Step } from './value.js';

export type Shape = readonly number[];

/** A tensor that a program starts from. */
export interface Leaf {
  readonly shape: Shape;
  readonly dtype: DType;
  /** Whole numbers −3 … 3, or fractions between −2 and 2. */
  readonly whole: boolean;
  readonly seed: number;
  /** A variable rather than an input: the program ends by giving it a new value. */
  readonly variable: boolean;
}

export interface Recipe {
  /** 'woven': values fit each other, so that kernels have several results and need each other's across many. */
  readonly kind: keyof typeof makers;
  readonly leaves: readonly Leaf[];
  readonly instructions: readonly (readonly number[])[];
}

/** A straight-line program over tensors: leaves first, then one value for each step. */
export interface Program {
  readonly leaves: readonly Leaf[];
  readonly steps: readonly Step[];
  /** Values that are read after the program has run. */
  readonly outputs: readonly number[];
  /** For each variable among the leaves: which value it is given. */
  readonly updates: readonly { readonly leaf: number; readonly value: number }[];
}

const leafBound = 3;
/** What variables are made to fit before they are assigned, so that the next run starts from the same knowledge. */
const variableBound = 4;

function knownOfLeaf({ whole, variable }: Leaf): Known {
  return { bound: variable ? variableBound : leafBound, whole, certain: whole || !variable };
}

function leafData({ shape, dtype, whole, seed }: Leaf): Float64Array {
  const size = shape.reduce((n, s) => n * s, 1);
  let state = (seed * 2654435761 + 12345) >>> 0;
  const random = (): number => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return state / 2 ** 32;
  };
  return Float64Array.from({ length: size }, () => {
    const x = whole ? Math.floor(random() * 7) - 3 : random() * 4 - 2;
    return dtype === 'uint32' ? Math.abs(x) : dtype === 'bool' ? Number(x > 0) : x;
  });
}

export function leafTensor(leaf: Leaf): Tensor {
  const { shape, dtype } = leaf;
  return tensor(leafData(leaf), { shape, dtype });
}

/** Chooses the operations that the numbers of a recipe stand for; instructions that do not apply are left out. */
export function programOf({ kind, leaves, instructions }: Recipe): Program {
  const drafts: Draft[] = leaves.map((leaf) => ({ ...knownOfLeaf(leaf), tensor: leafTensor(leaf) }));
  const steps: Step[] = [];
  const add = (proposal: Omit<Step, 'dtype' | 'shape' | 'error'> & { error: (e: readonly number[], u: number) => number }): number | undefined => {
    let built: Tensor;
    try {
      built = proposal.build(...proposal.inputs.map((i) => drafts[i].tensor));
    } catch (error) {
      if (error instanceof KindlingError) return undefined; // not defined for these
      throw error;
    }
    if (built.size > 70_000) return undefined;
    const { dtype, shape } = built;
    // a sum of float32 and float64 is rounded as its operands are
    const unit = unitOf(proposal.inputs.some((i) => drafts[i].tensor.dtype === 'float32') ? 'float32' : dtype);
    steps.push({ ...proposal, dtype, shape, error: (errors) => proposal.error(errors, unit) });
    drafts.push({ ...proposal, tensor: built });
    return drafts.length - 1;
  }; // prettier-ignore
  for (const [maker, ...numbers] of instructions) {
    const proposals = makers[kind][maker % makers[kind].length](new Choices(numbers, drafts)) ?? [];
    for (const proposal of [proposals].flat()) add(proposal);
  }
  const updates = leaves.flatMap((leaf, i) => {
    if (!leaf.variable) return [];
    // the latest value of its shape, if there is one; made small again
    const size = (t: Tensor): number => t.shape.reduce((n, s) => n * s, 1);
    const mine = drafts[i].tensor;
    const candidates = drafts.flatMap((d, k) => (k !== i && size(d.tensor) === size(mine) && (d.whole || !leaf.whole) ? [k] : [])); // prettier-ignore
    const from = candidates.at(-1) ?? i;
    const { bound, whole } = drafts[from];
    const value = add({
      name: 'update',
      inputs: [from, i],
      build: leaf.whole
        ? (t, v) => v.add(t.reshape(v.shape).to('int32').mod(3).to(v.dtype)).mod(variableBound)
        : (t, v) => v.add(t.reshape(v.shape).to(v.dtype)).mul(0.5).tanh(),
      bound: variableBound,
      whole: leaf.whole,
      certain: leaf.whole,
      error: ([e, f], u) => (leaf.whole ? 0 : e + f + (bound + variableBound + (whole ? 0 : 2)) * u * 2),
    });
    return value === undefined ? [] : [{ leaf: i, value }];
  });
  const used = new Set(steps.flatMap((s) => s.inputs));
  const last = leaves.length + steps.length - 1;
  const outputs: number[] = [];
  for (let i = leaves.length; i <= last; i++) {
    const isUpdate = updates.some((u) => u.value === i);
    // what nobody uses, and every fifth of the others, or every second
    if (!isUpdate && (!used.has(i) || i % (kind === 'woven' ? 2 : 5) === 0)) outputs.push(i);
  }
  return { leaves, steps, outputs, updates };
}

/** Builds the program from its leaves. */
export function build(program: Program, leaves: readonly Tensor[]): Tensor[] {
  const values = [...leaves];
  for (const { build: apply, inputs } of program.steps) values.push(apply(...inputs.map((i) => values[i])));
  return values;
}

/** How far two evaluations of each value may lie apart when the leaves are apart by `leaves`. */
export function errorsOf(program: Program, leaves: readonly number[]): number[] {
  const errors = [...leaves];
  for (const { error, inputs } of program.steps) errors.push(error(inputs.map((i) => errors[i])));
  return errors;
}

/** For the message of a failure. */
export function showProgram({ leaves, steps, outputs, updates }: Program): string {
  const lines = leaves.map((l, i) => `${i}: ${l.variable ? 'variable' : 'input'} ${l.dtype} [${l.shape.join()}]${l.whole ? '' : ' fractions'}`); // prettier-ignore
  steps.forEach((s, i) => lines.push(`${leaves.length + i}: ${s.name} (${s.inputs.join()}) → ${s.dtype} [${s.shape.join()}]`)); // prettier-ignore
  lines.push(`outputs ${outputs.join()}; ${updates.map((u) => `variable ${u.leaf} = ${u.value}`).join(', ')}`);
  return lines.join('\n');
}
