import type { Value } from '../reference/value.js';

/**
 * A value of the reference, and how far from it that of a correct backend may be. Infinity: it may be anything, since
 * what it is computed from may as well be on the other side of a jump.
 */
export interface Bounded extends Value {
  readonly error: Float64Array;
}
