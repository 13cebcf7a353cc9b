import type { Backend, KindlingError } from '@kindling/core';
import { ReferenceMemory } from './reference/referenceMemory.js';
import { runGraph } from './reference/runGraph.js';

/**
 * What a graph means: each node is evaluated by itself, by plain loops over typed arrays. Slow and certain; the other
 * backends are held against it. Float sums and products are accumulated in float64 and rounded once, so that another
 * backend's distance from it is that backend's error.
 */
export function referenceBackend(): Backend {
  let fault: KindlingError | undefined;
  const backend: Backend = {
    name: 'reference',
    dtypes: new Set(['float32', 'float64', 'float16', 'int32', 'uint32', 'bool']),
    allocate: (shape, dtype) => new ReferenceMemory(backend, shape, dtype),
    write: (memory, data) => {
      (memory as ReferenceMemory).write(data);
    },
    prepare: (graph) => ({
      run: (inputs, scalars, outputs) =>
        runGraph(graph, inputs, scalars, outputs, (error) => {
          fault ??= error;
        }),
    }),
    check: () => {
      const error = fault;
      fault = undefined;
      if (error !== undefined) throw error;
    },
    finished: () => Promise.resolve(),
    close: () => Promise.resolve(),
  };
  return backend;
}
