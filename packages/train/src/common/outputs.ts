import {
  clamp,
  concat,
  type ConfiguredMetric,
  logSoftmax,
  type Loss,
  type Metric,
  type Output,
  sigmoid,
  softmax,
  type Tensor,
} from '@kindling/core';
import type { DataTask } from '@kindling/data';

/** What a model computes under a loss: what the loss declares, else logits or values. */
export function outputOf(loss: Loss | undefined, task: DataTask): Output {
  const declared = (loss as { output?: Output } | undefined)?.output;
  return declared ?? (task === 'regression' ? 'value' : 'logits');
}

/** Outputs of a classifier as logits, which is what metrics take; log-probabilities are logits, too. */
export function asLogits(outputs: Tensor, output: Output): Tensor {
  if (output !== 'probabilities') return outputs;
  const log = (p: Tensor): Tensor => clamp(p, 1e-37).log();
  return outputs.shape.at(-1) === 1 ? log(outputs).sub(log(outputs.neg().add(1))) : log(outputs);
}

/** Outputs of a classifier as one probability a class. */
export function asProbabilities(outputs: Tensor, output: Output): Tensor {
  if (outputs.shape.at(-1) === 1) {
    const second = output === 'probabilities' ? outputs : sigmoid(outputs);
    return concat([second.neg().add(1), second], -1);
  }
  if (output === 'probabilities') {
    // an own head need not be normalised
    return outputs.div(outputs.sum(-1, { keepDim: true }));
  }
  return output === 'logProbabilities' ? outputs.exp() : softmax(outputs, -1);
}

/** Outputs of a regression in the units of training. */
export function asValues(outputs: Tensor, output: Output): Tensor {
  return output === 'logRate' ? outputs.exp() : outputs;
}

/** Logits, or values, as a metric takes them. */
export function forMetric(outputs: Tensor, metric: Metric<unknown>, task: DataTask): Tensor {
  const { output } = metric as Partial<ConfiguredMetric<unknown>>;
  if (task === 'regression') return outputs;
  if (output === 'probabilities') return asProbabilities(outputs, 'logits');
  if (output !== 'logProbabilities') return outputs;
  const pair = outputs.shape.at(-1) === 1 ? concat([outputs.mul(0), outputs], -1) : outputs;
  return logSoftmax(pair, -1);
}
