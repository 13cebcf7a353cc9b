import { jaxOn } from './runners.mjs';

const reasons = { convolutional: 'its convolutions take seconds' };

export async function open() {
  return {
    name: 'jax-js jit',
    module: import.meta.url,
    package: '@jax-js/jax',
    skips: ({ kind }) => reasons[kind],
    make: await jaxOn('wasm'),
  };
}
