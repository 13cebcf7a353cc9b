import { KindlingError, type Tensor, tensor } from '@kindling/core';
import { valueAndGrad } from './valueAndGrad.js';

export interface GradcheckOptions {
  /** Half the distance of the central differences. Default 1e-5. */
  readonly step?: number;
  /** Allowed relative error. Default 1e-6. */
  readonly rtol?: number;
  /** Allowed absolute error. Default 1e-7. */
  readonly atol?: number;
}

/**
 * Compares the gradients of `fn` at the float64 `inputs` with central differences, and throws where they differ. The
 * outputs are added up with unequal weights, so that no error cancels.
 */
export async function gradcheck(
  fn: (...inputs: Tensor[]) => Tensor,
  inputs: readonly Tensor[],
  { step = 1e-5, rtol = 1e-6, atol = 1e-7 }: GradcheckOptions = {},
): Promise<void> {
  for (const x of inputs)
    if (x.dtype !== 'float64')
      throw new KindlingError(`gradcheck: ${x.describe()} is too coarse; cast it to('float64')`);
  const weighted = (...xs: Tensor[]): Tensor => {
    const y = fn(...xs);
    const weights = Float64Array.from({ length: y.size }, (_, i) => 1 + 0.7 * Math.cos(1.3 * i + 0.4));
    return y.mul(tensor(weights, { shape: y.shape })).sum();
  };
  const { grads } = valueAndGrad(weighted)(...inputs);
  for (const [i, x] of inputs.entries()) {
    const analytic = await grads[i].data();
    const values = await x.data();
    for (let j = 0; j < values.length; j++) {
      const at = async (offset: number): Promise<number> => {
        const moved = tensor(
          values.map((v, k) => (k === j ? v + offset : v)),
          { shape: x.shape },
        );
        return weighted(...inputs.map((y, k) => (k === i ? moved : y))).item();
      };
      const numeric = ((await at(step)) - (await at(-step))) / (2 * step);
      const error = Math.abs(analytic[j] - numeric);
      if (!(error <= atol + rtol * Math.abs(numeric)))
        throw new KindlingError(
          `gradcheck: the gradient of input ${i} at position ${j} is ${analytic[j]}, by differences ${numeric}`,
        );
    }
  }
}
