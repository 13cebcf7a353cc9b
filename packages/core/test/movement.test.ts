import { referenceBackend, useBackend } from '@kindling/testkit';
import { beforeAll, describe, expect, it } from 'vitest';
import { tensor, unfold, zeros } from '../src/index.js';

beforeAll(useBackend(referenceBackend));

const x = tensor([[1, 2, 3], [4, 5, 6]]); // prettier-ignore

describe('movements', () => {
  it('reshape', async () => {
    expect(await x.reshape(3, 2).toArray()).toEqual([[1, 2], [3, 4], [5, 6]]); // prettier-ignore
    expect(x.reshape(-1).shape).toEqual([6]);
    expect(x.reshape([3, -1]).shape).toEqual([3, 2]);
    expect(x.reshape(2, 3).node).toBe(x.node);
    expect(zeros([0, 3]).reshape(3, 0).shape).toEqual([3, 0]);
    expect(
      await tensor([[5]])
        .reshape()
        .item(),
    ).toBe(5);
    expect(() => x.reshape(4)).toThrow('reshape: [2, 3] has 6 elements and cannot become [4]');
    expect(() => x.reshape(4, -1)).toThrow('cannot become [4, -1]');
    expect(() => x.reshape(-1, -1)).toThrow('one may be -1');
    expect(() => zeros([0]).reshape(0, -1)).toThrow('reshape');
  });
  it('flatten', () => {
    expect(x.flatten().shape).toEqual([6]);
    expect(zeros([2, 3, 4]).flatten(1).shape).toEqual([2, 12]);
    expect(zeros([2, 3, 4]).flatten(-2).shape).toEqual([2, 12]);
    expect(tensor(1).flatten().shape).toEqual([1]);
  });
  it('permute and transpose', async () => {
    expect(await x.transpose().toArray()).toEqual([[1, 4], [2, 5], [3, 6]]); // prettier-ignore
    expect(zeros([2, 3, 4]).permute(2, 0, 1).shape).toEqual([4, 2, 3]);
    expect(zeros([2, 3, 4]).permute(-1, 0, 1).shape).toEqual([4, 2, 3]);
    expect(zeros([2, 3, 4]).transpose(0, 2).shape).toEqual([4, 3, 2]);
    expect(await x.permute(1, 0).permute(1, 0).toArray()).toEqual(await x.toArray());
    expect(() => x.permute(0, 0)).toThrow('permute: [0, 0] does not name each dimension of shape [2, 3] once');
    expect(() => tensor([1]).transpose()).toThrow('transpose: dimension -2 is out of range for shape [1]');
  });
  it('expand', async () => {
    expect(await tensor([1, 2]).expand(2, 2).toArray()).toEqual([[1, 2], [1, 2]]); // prettier-ignore
    expect(await tensor([[1], [2]]).expand(2, 3).toArray()).toEqual([[1, 1, 1], [2, 2, 2]]); // prettier-ignore
    expect(tensor([[1], [2]]).expand(-1, 3).shape).toEqual([2, 3]);
    expect(tensor([1]).expand(0).shape).toEqual([0]);
    expect(() => x.expand(3, 3)).toThrow('expand: shape [2, 3] does not expand to [3, 3]; only dimensions of size 1');
    expect(() => x.expand(-1, 2, 3)).toThrow('does not expand to [-1, 2, 3]');
    expect(() => x.expand(3)).toThrow('expand');
  });
  it('squeeze and unsqueeze', () => {
    const t = zeros([1, 2, 1]);
    expect(t.squeeze().shape).toEqual([2]);
    expect(t.squeeze(0).shape).toEqual([2, 1]);
    expect(t.squeeze(1)).toBe(t);
    expect(x.unsqueeze(0).shape).toEqual([1, 2, 3]);
    expect(x.unsqueeze(-1).shape).toEqual([2, 3, 1]);
    expect(() => x.unsqueeze(4)).toThrow('unsqueeze: dimension 4');
  });
  it('pad', async () => {
    expect(await x.pad([[1, 0], [0, 1]]).toArray()).toEqual([[0, 0, 0, 0], [1, 2, 3, 0], [4, 5, 6, 0]]); // prettier-ignore
    expect(
      await tensor([true])
        .pad([[1, 0]])
        .toArray(),
    ).toEqual([false, true]);
    expect(() => x.pad([[1, 0]])).toThrow('pad: [[1,0]] does not fit shape [2, 3]; give [before, after] for each');
    expect(() => x.pad([[-1, 0], [0, 0]])).toThrow('pad'); // prettier-ignore
  });
  it('unfold', async () => {
    expect(await unfold(x, 1, 2, 1).toArray()).toEqual([[[1, 2], [2, 3]], [[4, 5], [5, 6]]]); // prettier-ignore
    expect(await unfold(x, -1, 2, 2).toArray()).toEqual([[[1, 2]], [[4, 5]]]);
    expect(await unfold(x, 0, 1, 1).toArray()).toEqual([[[1], [2], [3]], [[4], [5], [6]]]); // prettier-ignore
    expect(await unfold(x, 1, 2, 1, 2).toArray()).toEqual([[[1, 3]], [[4, 6]]]);
    expect(unfold(zeros([2, 9, 4]), 1, 3, 2).shape).toEqual([2, 4, 4, 3]);
    expect(unfold(zeros([0, 4]), 1, 3, 1).shape).toEqual([0, 2, 3]);
    expect(() => unfold(x, 1, 4, 1)).toThrow('unfold: a window of 4 does not fit dimension 1 of shape [2, 3]; pad it');
    expect(() => unfold(x, 1, 2, 1, 3)).toThrow('unfold: a window of 2 elements, 3 apart, does not fit');
    expect(() => unfold(x, 1, 2, 0)).toThrow('unfold: step is 0; it must be a whole number from 1 on');
    expect(() => unfold(x, 2, 1, 1)).toThrow('unfold: dimension 2');
  });
  it('flip', async () => {
    expect(await x.flip(0).toArray()).toEqual([[4, 5, 6], [1, 2, 3]]); // prettier-ignore
    expect(await x.flip([0, -1]).toArray()).toEqual([[6, 5, 4], [3, 2, 1]]); // prettier-ignore
    expect(() => x.flip(2)).toThrow('flip: dimension 2');
  });
  it('slice', async () => {
    expect(await x.slice(1).toArray()).toEqual([4, 5, 6]);
    expect(await x.slice(-1, [1]).toArray()).toEqual([5, 6]);
    expect(await x.slice(undefined, [0, -1]).toArray()).toEqual([[1, 2], [4, 5]]); // prettier-ignore
    expect(await x.slice([1, 2], 0).toArray()).toEqual([4]);
    expect(x.slice([0, 0]).shape).toEqual([0, 3]);
    expect(x.slice().node).toBe(x.node);
    expect(() => x.slice(2)).toThrow('slice: position 2 is outside dimension 0 of shape [2, 3]');
    expect(() => x.slice(0.5)).toThrow('slice: position 0.5');
    expect(() => x.slice([0, 3])).toThrow('slice: [0, 3) is not a range of dimension 0 of shape [2, 3]');
    expect(() => x.slice([1, 0])).toThrow('slice: [1, 0) is not a range');
    expect(() => x.slice(0, 0, 0)).toThrow('slice: 3 ranges were given for shape [2, 3]');
  });
  it('compose', async () => {
    const composed = x.transpose().flip(0).pad([[0, 1], [1, 0]]).slice([1]).reshape(-1); // prettier-ignore
    expect(await composed.toArray()).toEqual([0, 2, 5, 0, 1, 4, 0, 0, 0]);
  });
});
