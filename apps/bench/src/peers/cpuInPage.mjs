import * as jax from './jax/wasm.mjs';
import * as kindling from './kindling/cpu.mjs';
import * as tfjs from './tfjs/inPage.mjs';

/** Kindling first, then who is measured beside it. */
export const peers = [kindling, jax, tfjs];
