import { adamUpdate } from './adamUpdate.mjs';
import { chain } from './chain.mjs';
import { convolutional } from './convolutional.mjs';
import { matmul } from './matmul.mjs';
import { perceptron } from './perceptron.mjs';
import { softmax } from './softmax.mjs';

const mlp = () => perceptron([784, 256, 128, 10], 64);
const everywhere = { mlp, softmax: () => softmax(1024), chain };

/**
 * The works of each kind of device, made where they are asked for: the same numbers for every library. `flop` and
 * `bytes` turn a time into GFLOP/s and GB/s where that says more.
 */
export const works = {
  cpu: {
    mlp,
    matmul: () => matmul(512),
    'matmul-t': () => matmul(512, true),
    softmax: everywhere.softmax,
    chain,
    tiny: () => perceptron([4, 8, 3], 16),
  },
  /** A processor that plays a GPU. */
  softwareGpu: {
    ...everywhere,
    matmul: () => matmul(512),
    'matmul-t': () => matmul(512, true),
    'matmul-1024': () => matmul(1024),
    cnn: () => convolutional([8, 16], 16),
    adam: () => adamUpdate(2 ** 20),
  },
  gpu: {
    ...everywhere,
    matmul: () => matmul(512),
    'matmul-1024': () => matmul(1024),
    'matmul-2048': () => matmul(2048),
    'matmul-2048-t': () => matmul(2048, true),
    'matmul-4096': () => matmul(4096),
    cnn: () => convolutional([32, 64], 64),
    adam: () => adamUpdate(2 ** 24),
  },
};
