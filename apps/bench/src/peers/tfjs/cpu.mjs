import { quietly } from './quietly.mjs';
import { tfjsOn } from './runners.mjs';

/** Works that take a minute each, and those that a backend cannot do. */
const skips = {
  wasm: ({ kind }) => (kind === 'convolutional' ? 'it has no gradient of convolutions' : undefined),
  cpu: ({ kind, n }) =>
    ['convolutional', 'transformer', 'adamUpdate'].includes(kind) || (kind === 'matmul' && n > 512)
      ? 'a run takes seconds'
      : undefined,
};

/**
 * How a module opens both backends in one library, which has one at a time: each turn begins with its own. `load` gives
 * the library, told where the files of its wasm backend are.
 */
export const opening = (module, load) => async () => {
  const tf = await quietly(load);
  tf.env().set('WASM_HAS_MULTITHREAD_SUPPORT', false);
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
      module,
      package: '@tensorflow/tfjs',
      skips: skips[backend],
      make: async (work) => {
        await begin();
        return { ...(await make(work)), begin };
      },
    });
  }
  return peers;
};
