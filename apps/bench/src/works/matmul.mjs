import { randomArray } from './random.mjs';

/** Square matrices; of `transposed` the second is turned. */
export function matmul(n, transposed = false) {
  return {
    kind: 'matmul',
    title: `matmul ${n} · ${n}${transposed ? 'ᵀ' : ''}`,
    n,
    transposed,
    a: randomArray(n * n),
    b: randomArray(n * n),
    flop: 2 * n ** 3,
  };
}
