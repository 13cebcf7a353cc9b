// A loss of one's own, as it could be published. It has everything that the losses of Kindling have: options that are
// checked and documented, reductions, a place in the command line (`--loss pinballLoss --loss.quantile 0.9`).
import { defineLoss, definePlugin, maximum, number, type Tensor } from '@kindling/core';

/** The loss whose best constant is a quantile: the median at 0.5. */
export const pinballLoss = /* @__PURE__ */ defineLoss({
  name: 'pinballLoss',
  task: 'regression',
  output: 'value',
  options: {
    quantile: number({
      default: 0.5,
      exclusiveMinimum: 0,
      exclusiveMaximum: 1,
      description: 'which quantile to predict',
    }),
  },
  compute: ({ quantile }, input: Tensor, target: Tensor) => {
    const error = target.sub(input);
    // one value for each element: the mean or the sum of them comes from the framework
    return maximum(error.mul(quantile), error.mul(quantile - 1));
  },
});

/** What a package exports by default, so that `createRegistry` and the command line can take it as a whole. */
export const lossPlugin = definePlugin({
  name: '@acme/kindling-pinball',
  contract: 1,
  provides: [pinballLoss],
});

/** With options: a function of input and target. */
export const ninetiethPercentile = pinballLoss({ quantile: 0.9, reduction: 'sum' });

/** In code, any function that makes one number of input and target is a loss, too. */
export const mae = (input: Tensor, target: Tensor): Tensor => input.sub(target).abs().mean();
