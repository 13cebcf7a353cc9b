import { ChannelNorm, type ChannelNormOptions } from './common/channelNorm.js';

export interface BatchNormOptions extends ChannelNormOptions {
  /** Whether there are a weight and a bias. Default true. */
  affine?: boolean;
  /** Whether evaluation uses running statistics instead of those of the batch. Default true. */
  trackRunningStats?: boolean;
}

function batchNorm(
  type: string,
  features: number,
  dimensions: readonly string[][],
  options: BatchNormOptions = {},
): ChannelNorm {
  return new ChannelNorm(type, features, dimensions, false, { affine: true, trackRunningStats: true, ...options });
}

/**
 * Each feature (dimension 1 of [b, features] or [b, features, length]) with mean 0 and variance 1 over the batch, then
 * a learned scale and shift. In evaluation running statistics take the place of the batch's.
 */
export function batchNorm1d(features: number, options?: BatchNormOptions): ChannelNorm {
  return batchNorm('batchNorm1d', features, [['batch', 'features'], ['batch', 'features', 'length']], options); // prettier-ignore
}
/** As `batchNorm1d`, of [batch, features, height, width]. */
export function batchNorm2d(features: number, options?: BatchNormOptions): ChannelNorm {
  return batchNorm('batchNorm2d', features, [['batch', 'features', 'height', 'width']], options);
}
/** As `batchNorm1d`, of [batch, features, depth, height, width]. */
export function batchNorm3d(features: number, options?: BatchNormOptions): ChannelNorm {
  return batchNorm('batchNorm3d', features, [['batch', 'features', 'depth', 'height', 'width']], options);
}
