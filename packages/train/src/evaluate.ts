import type { Loss, Model, Output } from '@kindling/core';
import type { Dataset } from '@kindling/data';
import type { Metric } from '@kindling/metrics';

export interface EvaluateOptions<M extends Record<string, () => Metric>> {
  /** Factories by name, such as `{ accuracy }`. They get logits (or log-probabilities), or values in the target's own units. */
  readonly metrics: M;
  /** Also measured, as `loss`, in the units of training. */
  readonly loss?: Loss | undefined;
  /** What the model computes. Default: what the loss declares, else logits or values. */
  readonly output?: Output | undefined;
  /** Rows at a time. Default 4096. */
  readonly batchSize?: number | undefined;
}

/** Measures a model on data, in evaluation mode and without gradients. */
export declare function evaluate<M extends Record<string, () => Metric>>(
  model: Model,
  data: Dataset,
  options: EvaluateOptions<M>,
): Promise<{ [K in keyof M]: number } & { loss?: number }>;
