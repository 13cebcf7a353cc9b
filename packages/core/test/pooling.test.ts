import { describe, expect, it } from 'vitest';
import { adaptiveAvgPool2d, avgPool2d, maxPool1d, maxPool2d, zeros } from '../src/index.js';

// values and gradients are in packages/autograd/test/poolingSuite.ts
describe('pooling says what does not fit', () => {
  const x = zeros([2, 3, 5, 6]);
  it.each([
    ['maxPool2d: the input has shape [5, 6]; it must be [batch, channels, height, width] or [channels, height, width]', () => maxPool2d(zeros([5, 6]), 2)],
    ['maxPool1d: the input has shape [2, 3, 5, 6]; it must be [batch, channels, length]', () => maxPool1d(x, 2)],
    ["maxPool2d: the input is int32; cast it with to('float32')", () => maxPool2d(x.to('int32'), 2)],
    ['maxPool2d: an input of shape [2, 3, 0, 4] has empty planes', () => maxPool2d(zeros([2, 3, 0, 4]), 2)],
    ['maxPool2d: kernelSize is 0; it must be a whole number from 1 on, or 2 of them', () => maxPool2d(x, 0)],
    ['maxPool2d: padding [2, 2] is more than half of the window [3, 3]', () => maxPool2d(x, 3, { padding: 2 })],
    ['avgPool2d: a window of [6, 2] does not fit planes of [5, 6] with padding [0, 0]', () => avgPool2d(x, [6, 2])],
    ['avgPool2d: divisorOverride is 0', () => avgPool2d(x, 2, { divisorOverride: 0 })],
    ['adaptiveAvgPool2d: outputSize is [1, 2, 3]; it must be a whole number from 1 on, or 2 of them', () => adaptiveAvgPool2d(x, [1, 2, 3])],
  ])('%s', (message, run) => {
    expect(run).toThrow(message);
  }); // prettier-ignore
});
