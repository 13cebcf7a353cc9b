import { type Backend, tensor, type Variable } from '@kindling/core';

/** Gives a variable memory on another backend, with the same value. */
export function moveVariable(v: Variable, backend: Backend): void {
  if (v.memory?.backend === backend && v.pending === undefined) return;
  const values = v.dataSync();
  if (v.memory?.backend === backend) return; // reading has evaluated it there
  const memory = backend.allocate(v.shape, v.dtype);
  backend.write(memory, values);
  v.dispose();
  v.initial = tensor(values, { shape: v.shape, dtype: v.dtype, copy: false }).node;
  v.memory = memory;
}
