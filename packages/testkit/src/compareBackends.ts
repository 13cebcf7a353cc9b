import type { Backend, TypedArray } from '@kindling/core';
import { showShape } from '@kindling/core';
import { boundsBackend } from './bounds/boundsBackend.js';
import type { Tolerance } from './bounds/tolerance.js';
import { type Computation, evaluateOn, type Mode, type Result } from './evaluateOn.js';

export interface CompareOptions {
  /** How exact a single operation has to be; how far results may be apart follows from it, see `boundsBackend`. */
  readonly tolerance?: Tolerance;
  /** How the backend under test evaluates; default: together, and then again apart. */
  readonly modes?: readonly Mode[];
}

/** How many elements were compared, and how many may be anything, since they are next to a jump or out of range. */
export interface Comparison {
  readonly compared: number;
  readonly skipped: number;
}

/** Evaluates a computation on two backends, and throws where they are further apart than rounding explains. */
export function compareBackends(
  computation: Computation,
  expected: Backend,
  actual: Backend,
  { tolerance, modes = ['together', 'apart'] }: CompareOptions = {},
): Promise<Comparison> {
  const runs = modes.map((mode) => () => evaluateOn(actual, computation, mode));
  return compareRuns((backend) => evaluateOn(backend, computation, 'together'), expected, runs, actual.name, tolerance);
}

/** Compares what `run` gives on a backend to trust with what each of `runs` gave on the backend `name`. */
export async function compareRuns(
  run: (backend: Backend) => Promise<readonly Result[]>,
  expected: Backend,
  runs: readonly (() => Promise<readonly Result[]>)[],
  name: string,
  tolerance?: Tolerance,
): Promise<Comparison> {
  const [bounds, reference] = [await run(boundsBackend(tolerance)), await run(expected)];
  const counts = { compared: 0, skipped: 0 };
  for (const again of runs) {
    const results = await again();
    reference.forEach((result, i) => {
      const skipped = compareValues(`result ${i}`, result, results[i].values, bounds[i].values, name);
      counts.skipped += skipped;
      counts.compared += result.values.length - skipped;
    });
  }
  return counts;
}

/** Throws if an element of `actual` is further than its bound from that of `expected`; counts those without a bound. */
function compareValues(
  what: string,
  expected: Result,
  actual: TypedArray,
  bounds: ArrayLike<number>,
  backend: string,
): number {
  const { values, shape, dtype } = expected;
  const where = `${what} (${dtype} ${showShape(shape)})`;
  if (actual.length !== values.length || actual.constructor !== values.constructor)
    throw new Error(
      `${where}: backend '${backend}' gave a ${actual.constructor.name} of ${actual.length}, not a ${values.constructor.name} of ${values.length}`,
    );
  let skipped = 0;
  const wrong: number[] = [];
  values.forEach((x: number, i: number) => {
    if (bounds[i] === Infinity) skipped += 1;
    else if (!agree(x, actual[i], bounds[i])) wrong.push(i);
  });
  if (wrong.length > 0) {
    const shown = wrong.slice(0, 5).map((i) => `at ${i} ${actual[i]}, not ${values[i]} ± ${bounds[i]}`);
    throw new Error(
      `${where}: backend '${backend}' differs in ${wrong.length} of ${values.length} elements: ${shown.join('; ')}`,
    );
  }
  return skipped;
}

function agree(x: number, y: number, bound: number): boolean {
  return x === y || (Number.isNaN(x) && Number.isNaN(y)) || Math.abs(x - y) <= bound;
}
