import * as jax from './jax/webgpu.mjs';
import * as kindling from './kindling/webgpu.mjs';
import * as tfjs from './tfjs/webgpu.mjs';

/** Kindling first, then who is measured beside it. */
export const peers = [kindling, jax, tfjs];
