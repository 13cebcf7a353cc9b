import { randomArray } from './random.mjs';

/** Square matrices; `transposed` is 'a' or 'b' where one of them is turned. */
export function matmul(n, transposed) {
  return {
    kind: 'matmul',
    title: `matmul ${n}${transposed === 'a' ? 'ᵀ' : ''} · ${n}${transposed === 'b' ? 'ᵀ' : ''}`,
    n,
    transposed,
    a: randomArray(n * n),
    b: randomArray(n * n),
    flop: 2 * n ** 3,
  };
}
