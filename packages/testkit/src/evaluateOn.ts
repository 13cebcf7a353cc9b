import { type Backend, compile, type DType, getDefaultBackend, manualSeed, setDefaultBackend, type Tensor, type TypedArray } from '@kindling/core'; // prettier-ignore

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
export async function evaluateOn(backend: Backend, { leaves, build }: Computation, mode: Mode): Promise<Result[]> {
  // all of it is started before the first wait, so that the default backend is changed for nobody else
  const results = onDefault(backend, () => {
    manualSeed(0);
    const given = leaves();
    const tensors =
      mode === 'apart' ? build(given) : compile((ts: readonly Tensor[]) => [...build(ts)], { check: false })(given);
    return tensors.map((t) => ({ shape: t.shape, dtype: t.dtype, reading: t.data() }));
  });
  return Promise.all(results.map(async ({ shape, dtype, reading }) => ({ shape, dtype, values: await reading })));
}

/** Runs `body` with another default backend. */
export function onDefault<T>(backend: Backend, body: () => T): T {
  let before: Backend | undefined;
  try {
    before = getDefaultBackend();
  } catch {
    before = undefined; // there is none
  }
  setDefaultBackend(backend);
  try {
    return body();
  } finally {
    setDefaultBackend(before);
  }
}
