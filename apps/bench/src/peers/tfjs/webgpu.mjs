import { quietly } from './quietly.mjs';
import { tfjsOn } from './runners.mjs';

export async function open() {
  const tf = await quietly(async () => {
    // in Node a CommonJS module, in a bundle a namespace
    const module = await import('@tensorflow/tfjs');
    const loaded = module.default ?? module;
    await import('@tensorflow/tfjs-backend-webgpu');
    await loaded.setBackend('webgpu');
    await loaded.ready();
    return loaded;
  });
  if (tf.getBackend() !== 'webgpu') throw new Error('tfjs: the webgpu backend did not start');
  const backend = tf.backend();
  const finished = () => {
    backend.endComputePassEncoder();
    if (backend.commandEncoder) backend.submitQueue();
    return backend.queue.onSubmittedWorkDone();
  };
  return { name: 'TF.js webgpu', package: '@tensorflow/tfjs-backend-webgpu', make: tfjsOn(tf, finished) };
}
