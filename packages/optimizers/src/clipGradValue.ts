import { clamp, KindlingError, type Parameter } from '@kindling/core';
import { replaceGradients } from './common/withGradient.js';

/**
 * Limits each element of each gradient to −`clipValue` … `clipValue`. To be called between `backward` and
 * `optimizer.step()`; parameters without a gradient are left out.
 *
 * Errors: a negative `clipValue`. Source: PyTorch's `clip_grad_value_`.
 */
export function clipGradValue(parameters: Iterable<Parameter>, clipValue: number): void {
  if (!(clipValue >= 0)) throw new KindlingError(`clipGradValue: clipValue must be at least 0, got ${clipValue}`);
  replaceGradients(parameters, (gradient) => clamp(gradient, -clipValue, clipValue));
}
