import { boolean, choice, type MetricBatch, number, type Output, type Resolved } from '@kindling/core';
import { classOf, ignoreIndex, labelOf, largest, requireClass, requireLabels } from './classes.js';
import { itemsOf, sameButForOnes, weightsOf } from './items.js';
import { KindlingError, showShape } from '@kindling/core';

/** How outputs become classes. */
export const decisionOptions = {
  from: /* @__PURE__ */ choice(['logits', 'probabilities', 'classes'], {
    default: 'logits',
    description: 'what outputs are; classes are indices',
  }),
  threshold: /* @__PURE__ */ number({
    default: 0.5,
    minimum: 0,
    maximum: 1,
    description: 'the probability above which an output of one number means class 1; else the largest wins',
  }),
  ignoreIndex,
};
export const labelOptions = {
  ...decisionOptions,
  multilabel: /* @__PURE__ */ boolean({
    default: false,
    description: 'whether a row can have several labels: targets are 0 or 1 for each output',
  }),
};
export type DecisionOptions = Resolved<typeof decisionOptions>;
export type LabelOptions = Resolved<typeof labelOptions>;

/** Outputs that are classes are taken as they are. */
export const decisionOutput = ({ from }: DecisionOptions): Output => (from === 'classes' ? 'value' : from);

/** Calls `see` for each row with its class and the one that was decided; says how many classes there are at least. */
export function eachDecision(
  operation: string,
  options: DecisionOptions,
  batch: MetricBatch,
  see: (actual: number, predicted: number, weight: number) => void,
): number {
  if (options.from === 'classes') return eachClass(operation, options, batch, see);
  const items = itemsOf(operation, batch);
  const { count, width, output, weightOf } = items;
  const classes = Math.max(2, width);
  const limit = limitOf(options);
  for (let i = 0; i < count; i++) {
    const actual = classOf(operation, items, i, classes, options.ignoreIndex);
    if (actual === undefined) continue;
    see(actual, width === 1 ? +(output[i] > limit) : largest(output, i * width, width), weightOf(i));
  }
  return classes;
}

function eachClass(
  operation: string,
  { ignoreIndex: ignored }: DecisionOptions,
  { output, target, weight }: MetricBatch,
  see: (actual: number, predicted: number, weight: number) => void,
): number {
  if (!sameButForOnes(output.shape, target.shape))
    throw new KindlingError(
      `${operation}: ${showShape(output.shape)} predicted classes but ${showShape(target.shape)} targets; each row needs one of both.`,
    );
  const weightOf = weightsOf(operation, weight, output.shape[0] ?? 1, output.data.length);
  let classes = 0;
  for (let i = 0; i < output.data.length; i++) {
    const [predicted, actual] = [output.data[i], target.data[i]];
    if (actual === ignored) continue;
    requireClass(operation, predicted, Infinity, i);
    requireClass(operation, actual, Infinity, i);
    classes = Math.max(classes, predicted + 1, actual + 1);
    see(actual, predicted, weightOf(i));
  }
  return classes;
}

/** Calls `see` for each label of each row. */
export function eachLabel(
  operation: string,
  options: LabelOptions,
  batch: MetricBatch,
  see: (label: number, actual: 0 | 1, predicted: 0 | 1, weight: number, item: number) => void,
): number {
  const items = itemsOf(operation, batch);
  requireLabels(operation, items);
  const limit = options.from === 'classes' ? 0.5 : limitOf(options);
  for (let i = 0; i < items.count; i++) {
    const weight = items.weightOf(i);
    for (let label = 0; label < items.width; label++)
      see(label, labelOf(operation, items, i, label), items.output[i * items.width + label] > limit ? 1 : 0, weight, i);
  }
  return items.width;
}

function limitOf({ from, threshold }: DecisionOptions): number {
  return from === 'logits' ? Math.log(threshold / (1 - threshold)) : threshold;
}
