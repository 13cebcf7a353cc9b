import { ChannelNorm, type ChannelNormOptions } from './common/channelNorm.js';

export interface InstanceNormOptions extends ChannelNormOptions {
  /** Whether there are a weight and a bias. Default false. */
  affine?: boolean;
  /** Whether evaluation uses running statistics instead of those of each sample. Default false. */
  trackRunningStats?: boolean;
}

function instanceNorm(
  type: string,
  features: number,
  sizes: readonly string[],
  options: InstanceNormOptions = {},
): ChannelNorm {
  return new ChannelNorm(
    type,
    features,
    [
      ['batch', 'features', ...sizes],
      ['features', ...sizes],
    ],
    true,
    options,
  );
}

/** Each feature of each sample ([batch, features, length], or without the batch) with mean 0 and variance 1. */
export function instanceNorm1d(features: number, options?: InstanceNormOptions): ChannelNorm {
  return instanceNorm('instanceNorm1d', features, ['length'], options);
}
/** As `instanceNorm1d`, of [batch, features, height, width]. */
export function instanceNorm2d(features: number, options?: InstanceNormOptions): ChannelNorm {
  return instanceNorm('instanceNorm2d', features, ['height', 'width'], options);
}
/** As `instanceNorm1d`, of [batch, features, depth, height, width]. */
export function instanceNorm3d(features: number, options?: InstanceNormOptions): ChannelNorm {
  return instanceNorm('instanceNorm3d', features, ['depth', 'height', 'width'], options);
}
