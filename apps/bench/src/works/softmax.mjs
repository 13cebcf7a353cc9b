import { randomArray } from './random.mjs';

export function softmax(n) {
  return { kind: 'softmax', title: `softmax of ${n} rows of ${n}`, n, x: randomArray(n * n, 4) };
}
