import { KindlingError, type Loss, type Metric, type Model, type Output } from '@kindling/core';
import type { Dataset } from '@kindling/data';
import { Evaluator } from './common/evaluator.js';
import { outputOf } from './common/outputs.js';
import { probe } from './common/targetForm.js';

type ValueOf<T> = T extends Metric<infer R> ? R : never;

export interface EvaluateOptions<M extends Record<string, () => Metric<unknown>>> {
  /**
   * Factories by name, such as `{ accuracy }`. They get logits (or log-probabilities), or what they say that they take;
   * for a regression values in the target's own units.
   */
  readonly metrics: M;
  /** Also measured, as `loss`, in the units of training. */
  readonly loss?: Loss | undefined;
  /** What the model computes. Default: what the loss declares, else logits or values. */
  readonly output?: Output | undefined;
  /** Rows at a time. Default 4096. */
  readonly batchSize?: number | undefined;
}

/**
 * Measures a model on data, without gradients. The model is in evaluation mode afterwards, unless it says that it was
 * in training mode.
 */
export async function evaluate<M extends Record<string, () => Metric<unknown>>>(
  model: Model,
  data: Dataset,
  options: EvaluateOptions<M>,
): Promise<{ [K in keyof M]: ValueOf<ReturnType<M[K]>> } & { loss?: number }> {
  const { loss } = options;
  if (data.rows === 0) throw new KindlingError('evaluate: the data set has no rows');
  const training = (model as { training?: unknown }).training === true;
  const evaluator = new Evaluator(model, data, {
    form: loss === undefined ? undefined : probe(model, data, loss).form,
    loss,
    output: options.output ?? outputOf(loss, data.task),
    batchSize: options.batchSize,
    check: false,
  });
  try {
    const metrics = Object.fromEntries(Object.entries(options.metrics).map(([name, create]) => [name, create()]));
    const measured = await evaluator.measure<unknown>(data, metrics);
    return { ...measured.metrics, ...(loss === undefined ? {} : { loss: measured.loss }) } as never;
  } finally {
    if (training) model.train(true);
  }
}
