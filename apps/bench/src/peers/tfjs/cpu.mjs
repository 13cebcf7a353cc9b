import { createRequire } from 'node:module';
import { dirname } from 'node:path';
import { quietly } from './quietly.mjs';
import { tfjsOn } from './runners.mjs';

const require = createRequire(import.meta.url);

/** Works that take a minute each, and those that a backend cannot do. */
const skips = {
  wasm: ({ kind }) => (kind === 'convolutional' ? 'it has no gradient of convolutions' : undefined),
  cpu: ({ kind, n }) =>
    ['convolutional', 'transformer', 'adamUpdate'].includes(kind) || (kind === 'matmul' && n > 512)
      ? 'a run takes seconds'
      : undefined,
};

/** Both backends in one library, which has one at a time: each turn begins with its own. */
export async function open() {
  const tf = await quietly(async () => {
    const loaded = require('@tensorflow/tfjs');
    const wasm = require('@tensorflow/tfjs-backend-wasm');
    wasm.setWasmPaths(`${dirname(require.resolve('@tensorflow/tfjs-backend-wasm'))}/`);
    loaded.env().set('WASM_HAS_MULTITHREAD_SUPPORT', false);
    return loaded;
  });
  const peers = [];
  for (const backend of ['wasm', 'cpu']) {
    const begin = async () => {
      if (tf.getBackend() === backend) return;
      if (!(await quietly(() => tf.setBackend(backend)))) throw new Error(`tfjs: the ${backend} backend did not start`);
    };
    await begin();
    const make = tfjsOn(tf, () => Promise.resolve());
    peers.push({
      name: `TF.js ${backend}`,
      module: import.meta.url,
      package: '@tensorflow/tfjs',
      skips: skips[backend],
      make: async (work) => {
        await begin();
        return { ...(await make(work)), begin };
      },
    });
  }
  return peers;
}
