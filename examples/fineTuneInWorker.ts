// A worker of a web page that fine-tunes a model on the GPU, or on the CPU where there is none. The page sends images
// and labels, hears of each epoch, may send 'stop', and gets the bytes of the new weights.
import { relu, setDefaultBackend, type Tensor } from '@kindling/core';
import { cpu } from '@kindling/cpu-backend';
import { fromArrays } from '@kindling/data';
import { readSafetensors, writeSafetensors } from '@kindling/formats';
import { crossEntropyLoss } from '@kindling/losses';
import { linear, Module, sequential } from '@kindling/nn';
import { adam } from '@kindling/optimizers';
import { fit } from '@kindling/train';
import { isWebgpuAvailable, webgpu } from '@kindling/webgpu-backend';

class Classifier extends Module {
  readonly backbone = sequential(linear(784, 256), relu, linear(256, 128), relu);
  readonly head = linear(128, 10);
  override forward(x: Tensor): Tensor {
    return this.head.forward(this.backbone.forward(x));
  }
}

/** What the page sends. */
export type Order = 'stop' | { readonly images: Float32Array; readonly labels: Int32Array };

const abort = new AbortController();
addEventListener('message', ({ data }: MessageEvent<Order>) => {
  if (data === 'stop') abort.abort();
  else void fineTune(data);
});

async function fineTune({ images, labels }: Exclude<Order, 'stop'>): Promise<void> {
  const backend = (await isWebgpuAvailable()) ? await webgpu() : await cpu();
  setDefaultBackend(backend);
  const model = new Classifier();
  model.loadStateDict(await readSafetensors(await fetch('/base.safetensors')), { strict: false });
  model.backbone.requiresGrad(false); // frozen: no gradient, no optimizer state
  const { stopped } = await fit(model, fromArrays(images, labels, { shape: [-1, 784] }), {
    loss: crossEntropyLoss(),
    optimizer: adam(model.head.parameters()),
    epochs: 5,
    batchSize: 64,
    seed: 0,
    signal: abort.signal,
    onEpoch: (epoch) => {
      postMessage(epoch);
    },
  });
  const bytes = await writeSafetensors(model.stateDict());
  postMessage({ stopped, backend: backend.name, bytes }, { transfer: [bytes.buffer] });
}
