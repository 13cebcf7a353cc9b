import { adds } from './adds.mjs';
import { adamUpdate } from './adamUpdate.mjs';
import { chain } from './chain.mjs';
import { convolutional } from './convolutional.mjs';
import { matmul } from './matmul.mjs';
import { perceptron } from './perceptron.mjs';
import { softmax } from './softmax.mjs';
import { transformer } from './transformer.mjs';

const mlp = () => perceptron([784, 256, 128, 10], 64);
const everywhere = { mlp, softmax: () => softmax(1024), chain };

/**
 * The works of each kind of device, made where they are asked for: the same numbers for every library. `flop` and
 * `bytes` turn a time into GFLOP/s and GB/s where that says more.
 */
export const works = {
  cpu: {
    mlp,
    tiny: () => perceptron([4, 8, 3], 16),
    cnn: () => convolutional([32, 64], 32),
    transformer: () => transformer({ layers: 4, width: 128, heads: 4, feedForward: 512, sequence: 128, batch: 8 }),
    matmul: () => matmul(512),
    'matmul-ta': () => matmul(512, 'a'),
    'matmul-t': () => matmul(512, 'b'),
    'matmul-256': () => matmul(256),
    'matmul-1024': () => matmul(1024),
    'matmul-2048': () => matmul(2048),
    softmax: everywhere.softmax,
    chain,
    adam: () => adamUpdate(10_000_000),
    adds: () => adds(1000, 64),
  },
  /** A processor that plays a GPU. */
  softwareGpu: {
    ...everywhere,
    matmul: () => matmul(512),
    'matmul-t': () => matmul(512, 'b'),
    'matmul-1024': () => matmul(1024),
    cnn: () => convolutional([8, 16], 16),
    adam: () => adamUpdate(2 ** 20),
  },
  gpu: {
    ...everywhere,
    matmul: () => matmul(512),
    'matmul-1024': () => matmul(1024),
    'matmul-2048': () => matmul(2048),
    'matmul-2048-t': () => matmul(2048, 'b'),
    'matmul-4096': () => matmul(4096),
    cnn: () => convolutional([32, 64], 64),
    adam: () => adamUpdate(2 ** 24),
  },
};
