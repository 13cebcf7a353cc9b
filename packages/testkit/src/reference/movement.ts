import { type Attributes, hostArray, type MovementOp, sizeOf, type TypedArray } from '@kindling/core';
import { forEachIndex, stridesOf } from './strides.js';
import type { Value } from './value.js';

/** The same elements elsewhere. */
export function movement(op: MovementOp, input: Value, shape: readonly number[], attribute: unknown): TypedArray {
  const strides = stridesOf(input.shape);
  switch (op) {
    case 'reshape':
      return input.array;
    case 'permute':
      return read(input, shape, (attribute as Attributes['permute']).map((d) => strides[d])); // prettier-ignore
    case 'expand': {
      const added = shape.length - input.shape.length;
      return read(input, shape, shape.map((_, d) => (d < added || input.shape[d - added] === 1 ? 0 : strides[d - added]))); // prettier-ignore
    }
    case 'flip': {
      const turned = attribute as Attributes['flip'];
      const base = turned.reduce((sum, d) => sum + strides[d] * (shape[d] - 1), 0);
      return read(input, shape, strides.map((s, d) => (turned.includes(d) ? -s : s)), base); // prettier-ignore
    }
    case 'shrink': {
      const ranges = attribute as Attributes['shrink'];
      const base = ranges.reduce((sum, [from], d) => sum + strides[d] * from, 0);
      return read(input, shape, strides, base);
    }
    case 'unfold': {
      const [dim, , step, dilation] = attribute as Attributes['unfold'];
      return read(input, shape, [...strides.map((s, d) => (d === dim ? s * step : s)), strides[dim] * dilation]);
    }
    case 'pad':
      return pad(input, shape, attribute as Attributes['pad']);
  }
}

function read(input: Value, shape: readonly number[], strides: readonly number[], base = 0): TypedArray {
  const out = hostArray(input.dtype, sizeOf(shape));
  forEachIndex(shape, strides, base, (offset, position) => {
    out[position] = input.array[offset];
  });
  return out;
}

function pad(input: Value, shape: readonly number[], widths: Attributes['pad']): TypedArray {
  const out = hostArray(input.dtype, sizeOf(shape));
  const strides = stridesOf(shape);
  const base = widths.reduce((sum, [before], d) => sum + strides[d] * before, 0);
  forEachIndex(input.shape, strides, base, (offset, position) => {
    out[offset] = input.array[position];
  });
  return out;
}
