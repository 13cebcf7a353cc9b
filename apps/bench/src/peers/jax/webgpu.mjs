import { jaxOn } from './runners.mjs';

export async function open() {
  return { name: 'jax-js jit', package: '@jax-js/jax', make: await jaxOn('webgpu') };
}
