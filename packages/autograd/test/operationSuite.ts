import { type Backend, parameter, type Parameter, type Tensor, tensor } from '@kindling/core';
import { useBackend } from '@kindling/testkit';
import { beforeAll, describe, expect, test } from 'vitest';
import { backward, gradcheck, valueAndGrad } from '../src/index.js';

// What the suites of operations against PyTorch's values have in common.

/** A tensor as a golden file holds it. */
export interface Values {
  readonly shape: number[];
  readonly data: readonly (number | 'NaN')[];
}
export type Float = 'float32' | 'float64';

const make = ({ shape, data }: Values, dtype: Float): Tensor => tensor(data.map(Number), { shape, dtype });

/** A suite with a backend of its own. */
export function suiteOn(what: string, backendName: string, open: () => Promise<Backend>, body: () => void): void {
  describe(`${what} on ${backendName}`, () => {
    beforeAll(useBackend(open));
    body();
  });
}

export interface Golden {
  readonly name: string;
  readonly function: string;
  readonly output: Values;
  /** What the output is multiplied by before its sum is differentiated. */
  readonly weighting: Values;
}

/** Values and gradients of each golden: `run` gives the output, the inputs and what their gradients shall be. */
export function equalsPyTorch<G extends Golden>(
  goldens: readonly G[],
  tolerance: Readonly<Record<Float, number>>,
  run: (golden: G, leaf: (values: Values) => Parameter) => readonly [Tensor, readonly (readonly [Parameter, Values])[]],
): void {
  describe.each(goldens)("equals PyTorch's: $function, $name", (golden) => {
    test.each(['float32', 'float64'] as const)('%s', async (dtype) => {
      const [output, inputs] = run(golden, (values) => parameter(make(values, dtype)));
      await expectValues(output, golden.output, dtype, tolerance[dtype]);
      backward(output.mul(make(golden.weighting, dtype)).sum());
      for (const [input, gradient] of inputs) await expectValues(input.grad!, gradient, dtype, tolerance[dtype]);
    });
  });
}

async function expectValues(actual: Tensor, { shape, data }: Values, dtype: Float, tolerance: number): Promise<void> {
  expect(actual.shape).toEqual(shape);
  expect(actual.dtype).toBe(dtype);
  const values = await actual.data();
  data.forEach((golden, i) => {
    if (golden === 'NaN') expect(values[i], `element ${i}`).toBeNaN();
    else expect(Math.abs(values[i] - golden), `element ${i}: ${values[i]} and ${golden}`).toBeLessThanOrEqual(tolerance * (1 + Math.abs(golden))); // prettier-ignore
  });
}

/** Distinct values. */
export function distinct(...shape: number[]): Tensor {
  const n = shape.reduce((a, b) => a * b, 1);
  const data = Float64Array.from({ length: n }, (_, i) => -1.9 + 3.7 * (((i + n) * 0.6180339887 + 0.213) % 1));
  return tensor(data, { shape });
}

export type Differentiated = [name: string, fn: (...x: Tensor[]) => Tensor, inputs: Tensor[]];

/** First and second derivatives. */
export function agreesWithDifferences(cases: readonly Differentiated[]): void {
  test.each(cases)('gradients agree with differences: %s', async (_, fn, inputs) => {
    await gradcheck(fn, inputs);
  });
  test.each(cases)('second derivatives agree with differences: %s', async (_, fn, inputs) => {
    const square = (...xs: Tensor[]): Tensor => {
      const y = fn(...xs);
      return y.mul(y).sum();
    };
    for (const i of inputs.keys()) {
      const derivative = (...xs: Tensor[]): Tensor => valueAndGrad(square, { createGraph: true })(...xs).grads[i];
      await gradcheck(derivative, inputs, { rtol: 1e-5, atol: 1e-6 });
    }
  });
}
