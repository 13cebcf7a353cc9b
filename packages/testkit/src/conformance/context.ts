import { type Backend, type DType, type Graph, isMemory } from '@kindling/core';
import type { Tolerance } from '../bounds/tolerance.js';
import { compareBackends, compareRuns } from '../compareBackends.js';
import { type Computation, playOn, type Result, type Script } from '../evaluateOn.js';
import { referenceBackend } from '../referenceBackend.js';

/** One thing that a backend has to do right. */
export interface Case {
  readonly name: string;
  readonly run: () => Promise<void>;
}

/** What a backend has; what it lacks is left out. */
export interface Supports {
  /** Default: all but float16. */
  readonly dtypes?: readonly DType[];
  /** Whether NaN and infinities are what IEEE says, also where they are computed with. Default true. */
  readonly nonFinite?: boolean;
}

/** What the cases are made with: the backend under test, opened once, and the reference. */
export class Context {
  readonly dtypes: readonly DType[];
  readonly nonFinite: boolean;
  #opened: Promise<Backend> | undefined;

  constructor(
    readonly open: () => Promise<Backend>,
    readonly tolerance: Tolerance,
    { dtypes = ['float32', 'float64', 'int32', 'uint32', 'bool'], nonFinite = true }: Supports,
  ) {
    this.dtypes = dtypes;
    this.nonFinite = nonFinite;
  }

  backend(): Promise<Backend> {
    return (this.#opened ??= this.open());
  }

  /** A case for each dtype that there is. */
  each(dtypes: readonly DType[], make: (dtype: DType) => Case): Case[] {
    return dtypes.filter((dtype) => this.dtypes.includes(dtype)).map(make);
  }

  /** The results of a computation, together in one program and each in its own, are those of the reference. */
  computes(name: string, leaves: Computation['leaves'], build: Computation['build']): Case {
    const run = async (): Promise<void> => {
      const backend = await this.backend();
      await compareBackends({ leaves, build }, referenceBackend(), backend, { tolerance: this.tolerance });
      backend.check?.();
    };
    return { name, run };
  }

  /** What a script reads is what it reads on the reference. */
  plays(name: string, script: Script): Case {
    return { name, run: () => this.#compare((backend) => playOn(backend, script)) };
  }

  /** The host outputs of a graph are those of the reference. */
  runs(name: string, graph: Graph, inputs: readonly Result['values'][], scalars: readonly number[] = []): Case {
    return { name, run: () => this.#compare((backend) => runOn(backend, graph, inputs, scalars)) };
  }

  async #compare(run: (backend: Backend) => Promise<readonly Result[]>): Promise<void> {
    const backend = await this.backend();
    await compareRuns(run, referenceBackend(), [() => run(backend)], backend.name, this.tolerance);
    backend.check?.();
  }
}

async function runOn(
  backend: Backend,
  graph: Graph,
  inputs: readonly Result['values'][],
  scalars: readonly number[],
): Promise<Result[]> {
  const outputs = graph.outputs.map(() => undefined);
  const values = backend.prepare(graph).run(inputs, Float64Array.from(scalars), outputs);
  return Promise.all(
    values.map(async (value, i) => {
      const { shape, dtype } = graph.nodes[graph.outputs[i].node];
      return { shape, dtype, values: isMemory(value!) ? await value.read() : value! };
    }),
  );
}
