import { type Backend, compile, type DType, manualSeed, type Tensor, type TypedArray } from '@kindling/core';
import { replaceDefaultBackend } from './replaceDefaultBackend.js';

/** Tensors, and their leaves, that are built anew wherever they are evaluated. */
export interface Computation {
  /** The host tensors that it starts from. */
  readonly leaves: () => readonly Tensor[];
  readonly build: (leaves: readonly Tensor[]) => readonly Tensor[];
}

/** 'together': all results by one program, as in a compiled function. 'apart': each by its own. */
export type Mode = 'together' | 'apart';

export interface Result {
  readonly shape: readonly number[];
  readonly dtype: DType;
  readonly values: TypedArray;
}

/** The results of a computation on a backend, with random numbers from seed 0. */
export function evaluateOn(backend: Backend, { leaves, build }: Computation, mode: Mode): Promise<Result[]> {
  return playOn(backend, (read) => {
    const given = leaves();
    if (mode === 'apart') build(given).forEach(read);
    else compile((ts: readonly Tensor[]) => [...build(ts)], { check: false })(given).forEach(read);
  });
}

/** A program of any kind, that hands over what is to be read where it is to be read. */
export type Script = (read: (t: Tensor) => void) => void;

/** What a script reads on a backend, with random numbers from seed 0. */
export async function playOn(backend: Backend, script: Script): Promise<Result[]> {
  const readings: { readonly t: Tensor; readonly reading: Promise<TypedArray> }[] = [];
  // all of it is started before the first wait, so that the default backend is changed for nobody else
  onDefault(backend, () => {
    manualSeed(0);
    script((t) => {
      readings.push({ t, reading: t.data() });
    });
  });
  const values = await Promise.all(readings.map((r) => r.reading));
  return readings.map(({ t: { shape, dtype } }, i) => ({ shape, dtype, values: values[i] }));
}

/** Runs `body` with another default backend. */
export function onDefault<T>(backend: Backend, body: () => T): T {
  const restore = replaceDefaultBackend(backend);
  try {
    return body();
  } finally {
    restore();
  }
}
