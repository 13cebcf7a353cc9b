import { createRequire } from 'node:module';
import { dirname } from 'node:path';
import { quietly } from './quietly.mjs';
import { tfjsOn } from './runners.mjs';

const require = createRequire(import.meta.url);

export async function open() {
  const tf = await quietly(async () => {
    const loaded = require('@tensorflow/tfjs');
    const wasm = require('@tensorflow/tfjs-backend-wasm');
    wasm.setWasmPaths(`${dirname(require.resolve('@tensorflow/tfjs-backend-wasm'))}/`);
    loaded.env().set('WASM_HAS_MULTITHREAD_SUPPORT', false);
    await loaded.setBackend('wasm');
    await loaded.ready();
    return loaded;
  });
  if (tf.getBackend() !== 'wasm') throw new Error('tfjs: the wasm backend did not start');
  return { name: 'TF.js wasm', package: '@tensorflow/tfjs', make: tfjsOn(tf, () => Promise.resolve()) };
}
