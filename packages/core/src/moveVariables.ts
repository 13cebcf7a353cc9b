import type { Backend } from './backend.js';
import { commit, initialize, ownMemory } from './evaluate.js';
import { type Tensor, tensor } from './tensor.js';
import { Parameter, Variable } from './variable.js';

/**
 * Takes variables to another backend, with the gradients that parameters have: what a model's and an optimizer's `to`
 * do. Await it before going on: values are read from where they are. First values that were never computed are computed
 * on the new backend.
 */
export async function moveVariables(variables: Iterable<Tensor>, backend: Backend): Promise<void> {
  commit(); // what waits
  const moving = new Set<Variable>();
  for (const v of variables) {
    if (!(v instanceof Variable)) continue;
    moving.add(v);
    if (v instanceof Parameter && v.peekGrad() !== undefined) moving.add(v.gradSlot());
  }
  initialize(
    [...moving].filter((v) => v.memory === undefined && v.initial !== undefined),
    backend,
  );
  const elsewhere = [...moving].filter((v) => v.memory?.backend !== backend);
  // all are read before any is moved: what cannot be read leaves everything where it is
  const values = await Promise.all(elsewhere.map((v) => v.data()));
  elsewhere.forEach((v, i) => {
    const memory = backend.allocate(v.shape, v.dtype);
    backend.write(memory, values[i]);
    v.dispose();
    v.memory = memory;
    ownMemory(v, memory);
  });
}

/**
 * What a state dictionary holds now, as tensors on the host. They outlive the backend: training can go on from them on
 * another one, also after a GPU was lost.
 */
export async function hostState(state: Readonly<Record<string, Tensor>>): Promise<Record<string, Tensor>> {
  const entries = await Promise.all(
    Object.entries(state).map(async ([name, t]) => {
      const { shape, dtype } = t;
      return [name, tensor(await t.data(), { shape, dtype, copy: false })] as const;
    }),
  );
  return Object.fromEntries(entries);
}
