import * as jax from './jax/wasm.mjs';
import * as kindling from './kindling/cpu.mjs';
import * as tfjs from './tfjs/inNode.mjs';
import * as torch from './torch/cpu.mjs';

/** Kindling first, then who is measured beside it. */
export const peers = [kindling, torch, jax, tfjs];
