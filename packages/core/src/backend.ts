import type { DType, TypedArray } from './dtype.js';
import { KindlingError } from './errors.js';
import type { Op } from './node.js';

/** A node of a value-free graph; `inputs` are positions of earlier nodes. */
export interface GraphNode {
  readonly op: Op | 'input';
  readonly inputs: readonly number[];
  readonly shape: readonly number[];
  readonly dtype: DType;
  /** As in `Attributes` of the operation: sizes and dimensions only, never values. For 'input': 'host' or 'memory'. */
  readonly attribute: unknown;
}

/** What is to be delivered. */
export interface GraphOutput {
  readonly node: number;
  /** 'host': returned by `run`. 'memory': written to a memory given at each run. */
  readonly to: 'host' | 'memory';
  /** For 'memory': the position among `inputs` of the memory that is overwritten, where it is read, too. */
  readonly over?: number;
}

/**
 * What is computed, without any value: two evaluations of the same structure share one graph, and so one executable.
 * Every read of an input means its value before the run, also where an output goes over it.
 */
export interface Graph {
  /** In topological order. */
  readonly nodes: readonly GraphNode[];
  /** Positions of the 'input' nodes, bound at each run. */
  readonly inputs: readonly number[];
  /** Positions of the 'scalar' nodes, numbers at each run. */
  readonly scalars: readonly number[];
  readonly outputs: readonly GraphOutput[];
}

/** Device memory that somebody owns: a variable, a kept tensor. */
export interface Memory {
  readonly backend: Backend;
  readonly shape: readonly number[];
  readonly dtype: DType;
  read(): Promise<TypedArray>;
  readSync?(): TypedArray;
  free(): void;
}

export interface Executable {
  /**
   * Starts the work and returns without waiting. `outputs` has a memory for each output of kind 'memory', undefined
   * for the others; the result has a value for each output of kind 'host', undefined for the others.
   */
  run(
    inputs: readonly (TypedArray | Memory)[],
    scalars: Float64Array,
    outputs: readonly (Memory | undefined)[],
  ): readonly (TypedArray | Memory | undefined)[];
  /** Kernels, source, bytes and FLOP, for people. */
  explain?(): Promise<string>;
}

/** A kernel while a program was profiled: all its runs together. */
export interface KernelProfile {
  /** What it does, in a few words. */
  readonly name: string;
  readonly runs: number;
  /** Milliseconds; undefined where the backend cannot tell. */
  readonly ms: number | undefined;
  /** Bytes moved if every element is touched once. */
  readonly bytes: number;
  /** Floating-point operations. */
  readonly flop: number;
}

/** Graph level: all that core knows of a backend. `@kindling/compiler` lifts a kernel-level device to this. */
export interface Backend {
  readonly name: string;
  /** What tells it from others of its name, for messages: '2 threads'. */
  readonly detail?: string | undefined;
  readonly dtypes: ReadonlySet<DType>;
  /** Memory with undefined content. */
  allocate(shape: readonly number[], dtype: DType): Memory;
  write(memory: Memory, data: TypedArray): void;
  /** Called once for a structure; core caches. */
  prepare(graph: Graph): Executable;
  /** Throws what went wrong since it was last asked, such as an index out of range; called at reads. */
  check?(): void;
  /** Notes the kernels that run from then on until the result is called. */
  profile?(): Promise<() => Promise<readonly KernelProfile[]>>;
  /** Resolves when all that was started is done. */
  finished(): Promise<void>;
  close(): Promise<void>;
}

let defaultBackend: Backend | undefined;

/** Where tensors are computed that nothing else ties to a backend. */
export function setDefaultBackend(backend: Backend | undefined): void {
  // one that nobody awaited is none yet: TypeScript refuses it, JavaScript does not
  defaultBackend = typeof backend?.prepare === 'function' ? backend : undefined;
}

export function getDefaultBackend(): Backend {
  if (defaultBackend === undefined)
    throw new KindlingError(
      `there is no backend to compute on: call setDefaultBackend(await cpu()) first, with cpu from '@kindling/cpu-backend'`,
    );
  return defaultBackend;
}

/** How messages call two backends that are not one: `'cpu'` and `'webgpu'`, `'cpu' (2 threads)` and `another 'cpu'`. */
export function namesApart(a: Backend, b: Backend): [string, string] {
  if (a.name !== b.name) return [`'${a.name}'`, `'${b.name}'`];
  const full = ({ name, detail }: Backend): string => `'${name}'${detail === undefined ? '' : ` (${detail})`}`;
  return [full(a), `another ${full(b)}`];
}

export function isMemory(value: TypedArray | Memory): value is Memory {
  return !ArrayBuffer.isView(value);
}
