import { referenceBackend, useBackend } from '@kindling/testkit';
import { beforeAll, describe, expect, it } from 'vitest';
import { conv1d, conv2d, conv3d, convTranspose2d, ones, tensor, zeros } from '../src/index.js';

// values and gradients are in packages/autograd/test/convolutionSuite.ts
beforeAll(useBackend(referenceBackend));

describe('convolution', () => {
  it('slides a kernel', async () => {
    const x = tensor([[[1, 2, 3, 4]]]);
    const w = tensor([[[1, 10]]]);
    expect(await conv1d(x, w).toArray()).toEqual([[[21, 32, 43]]]);
    expect(await conv1d(x, w, tensor([0.5]), { stride: 2, padding: 1 }).toArray()).toEqual([[[10.5, 32.5, 4.5]]]);
    expect(await conv1d(x, w, undefined, { padding: 'same' }).toArray()).toEqual([[[21, 32, 43, 4]]]);
  });
  it('has one axis of its contraction for each dimension, and copies no windows', () => {
    const graph = conv2d(zeros([2, 3, 8, 8]), ones([4, 3, 3, 3]), undefined, { padding: 1 }).node;
    const operations = new Set<string>();
    const visit = (n: typeof graph): void => {
      operations.add(n.op);
      n.inputs.forEach(visit);
    };
    visit(graph);
    expect([...operations].filter((op) => !['const', 'expand'].includes(op)).sort()).toEqual(
      ['identity', 'matmul', 'pad', 'permute', 'reshape', 'unfold'].sort(),
    );
  });
  it('gives the shapes that PyTorch gives', () => {
    const x = zeros([2, 6, 9, 10]);
    expect(conv2d(x, zeros([4, 6, 3, 2])).shape).toEqual([2, 4, 7, 9]);
    expect(conv2d(x, zeros([4, 3, 3, 3]), undefined, { groups: 2, stride: [2, 3], padding: 1 }).shape).toEqual([2, 4, 5, 4]); // prettier-ignore
    expect(conv2d(zeros([6, 9, 10]), zeros([4, 6, 1, 1])).shape).toEqual([4, 9, 10]);
    expect(conv3d(zeros([1, 2, 5, 5, 5]), zeros([3, 2, 2, 2, 2]), undefined, { dilation: 2 }).shape).toEqual([1, 3, 3, 3, 3]); // prettier-ignore
    expect(convTranspose2d(x, zeros([6, 5, 4, 4]), undefined, { stride: 2, padding: 1 }).shape).toEqual([2, 5, 18, 20]);
  });
  it('says what does not fit', () => {
    const x = zeros([2, 6, 9, 10]);
    expect(() => conv2d(x, zeros([4, 3, 3, 3]))).toThrow(
      'conv2d: an input of shape [2, 6, 9, 10] and a weight of shape [4, 3, 3, 3] do not go together: with one group the weight is for 3 channels, the input has 6',
    );
    expect(() => conv2d(x, zeros([4, 3, 3, 3]), undefined, { groups: 4 })).toThrow('6 channels cannot be divided into 4 groups'); // prettier-ignore
    expect(() => conv2d(x, zeros([3, 3, 3, 3]), undefined, { groups: 2 })).toThrow('3 outputs cannot be divided into 2 groups'); // prettier-ignore
    expect(() => conv2d(zeros([9, 10]), zeros([3, 3, 3, 3]))).toThrow('the input must be [batch, channels, height, width]'); // prettier-ignore
    expect(() => conv1d(zeros([1, 2, 3]), zeros([2, 2]))).toThrow('the weight must be [outputs, inputs / groups, length]'); // prettier-ignore
    expect(() => conv2d(x, zeros([4, 6, 11, 3]))).toThrow('conv2d: a kernel of [11, 3] does not fit an input of shape [2, 6, 9, 10] with padding 0 in dimension -2'); // prettier-ignore
    expect(() => conv2d(x, zeros([4, 6, 3, 3]), undefined, { stride: 2, padding: 'same' })).toThrow("padding 'same' is not defined for a stride of [2, 2]"); // prettier-ignore
    expect(() => conv2d(x, zeros([4, 6, 3, 3]), undefined, { stride: [1, 2, 3] })).toThrow('stride is [1, 2, 3]; it must be a whole number from 1 on, or 2 of them'); // prettier-ignore
    expect(() => conv2d(x, zeros([4, 6, 3, 3]), zeros([3]))).toThrow('a bias of shape [3] does not go with 4 outputs; it must be [4]'); // prettier-ignore
    expect(() => conv2d(x, zeros([4, 6, 3, 3], { dtype: 'float64' }))).toThrow("the input is float32, the weight float64; all must be one float dtype, so cast with to('float64')"); // prettier-ignore
    expect(() => convTranspose2d(x, zeros([5, 6, 3, 3]))).toThrow('the weight is for 5 channels, the input has 6');
    expect(() => convTranspose2d(x, zeros([6, 6, 3, 3]), undefined, { outputPadding: 1 })).toThrow('outputPadding [1, 1] must be smaller than the stride [1, 1]'); // prettier-ignore
    expect(() => convTranspose2d(zeros([1, 1, 1, 1]), zeros([1, 1, 1, 1]), undefined, { padding: 1 })).toThrow('has no output in dimension -2'); // prettier-ignore
  });
});
