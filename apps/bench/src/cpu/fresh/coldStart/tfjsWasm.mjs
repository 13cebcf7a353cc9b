import { createRequire } from 'node:module';
import { dirname } from 'node:path';
import { quietly } from '../../../peers/tfjs/quietly.mjs';
import { tellUsed } from '../used.mjs';

await quietly(async () => {
  const require = createRequire(import.meta.url);
  const tf = require('@tensorflow/tfjs');
  const wasm = require('@tensorflow/tfjs-backend-wasm');
  wasm.setWasmPaths(`${dirname(require.resolve('@tensorflow/tfjs-backend-wasm'))}/`);
  tf.env().set('WASM_HAS_MULTITHREAD_SUPPORT', false);
  await tf.setBackend('wasm');
  await tf.ones([3]).add(1).data();
});
tellUsed();
