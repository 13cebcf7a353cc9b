import { KindlingError, type LossFactory } from '@kindling/core';
import { balancedClassWeights, type Dataset } from '@kindling/data';

/**
 * Options that make a loss count each class alike, whatever its number of rows: `weight` for losses with class
 * weights, `posWeight` for binary ones.
 * @throws KindlingError for a loss that has neither.
 */
export function balancedOptions(
  // eslint-disable-next-line @typescript-eslint/no-explicit-any -- a factory's options are invariant
  loss: LossFactory<string, any, any>,
  data: Dataset,
): { weight: number[] } | { posWeight: number[] } {
  const fields = loss.schema.fields as Record<string, unknown>;
  const tasks: readonly string[] = typeof loss.task === 'string' ? [loss.task] : loss.task;
  const weights = data.classes.length > 0 ? Array.from(balancedClassWeights(data)) : [];
  if (data.task === 'regression')
    throw new KindlingError('balanced class weights: the target is a number; there are no classes to balance');
  if (tasks.includes('classification') && 'weight' in fields) return { weight: weights };
  if ('posWeight' in fields && weights.length === 2) {
    if (weights[0] === 0 || weights[1] === 0)
      throw new KindlingError(
        `balanced class weights: class '${data.classes[weights[0] === 0 ? 0 : 1]}' has no row in the training data`,
      );
    return { posWeight: [weights[1] / weights[0]] };
  }
  throw new KindlingError(
    `balanced class weights: ${loss.lossName} has no option for them; use crossEntropyLoss, nllLoss or, for two classes, bceWithLogitsLoss`,
  );
}
