import { randomArray } from './random.mjs';

/** Elementwise operations that are one kernel where they are fused. */
export function chain() {
  return {
    kind: 'chain',
    title: 'relu(2.5x + 1)·0.7 − x of a million numbers',
    x: randomArray(2 ** 20),
    bytes: 8 * 2 ** 20,
  };
}
