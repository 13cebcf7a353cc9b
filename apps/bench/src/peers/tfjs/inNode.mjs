import { createRequire } from 'node:module';
import { dirname } from 'node:path';
import { opening } from './cpu.mjs';

const require = createRequire(import.meta.url);

export const open = opening(import.meta.url, () => {
  const tf = require('@tensorflow/tfjs');
  const wasm = require('@tensorflow/tfjs-backend-wasm');
  wasm.setWasmPaths(`${dirname(require.resolve('@tensorflow/tfjs-backend-wasm'))}/`);
  return tf;
});
