import { randomArray } from './random.mjs';

/** Adam's step alone. It reads parameter, gradient and two moments, and writes all but the gradient. */
export function adamUpdate(size) {
  return {
    kind: 'adamUpdate',
    title: `Adam update of ${(size / 1e6).toFixed(1)} million parameters`,
    parameter: randomArray(size),
    gradient: randomArray(size),
    adam: { lr: 1e-3, betas: [0.9, 0.999], eps: 1e-8 },
    bytes: 7 * 4 * size,
  };
}
