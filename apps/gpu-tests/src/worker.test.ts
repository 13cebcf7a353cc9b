import { manualSeed, relu, setDefaultBackend } from '@kindling/core';
import { cpu } from '@kindling/cpu-backend';
import { decodeSafetensors, writeSafetensors } from '@kindling/formats';
import { fromArrays } from '@kindling/data';
import { crossEntropyLoss } from '@kindling/losses';
import { linear, sequential } from '@kindling/nn';
import { adam } from '@kindling/optimizers';
import { fit } from '@kindling/train';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { Order } from '../../../examples/fineTuneInWorker.js';
import { gpuSuite } from './gpuSuite.js';
import { mnist } from './tables.js';

/** What the worker posts. */
type Posted =
  | { readonly epoch: number; readonly loss: number }
  | { readonly stopped: string; readonly backend: string; readonly bytes: Uint8Array };

gpuSuite('fine-tuning in a worker', () => {
  let order: Exclude<Order, 'stop'>;
  let base: Uint8Array<ArrayBuffer>;
  beforeAll(async () => {
    const backend = await cpu();
    setDefaultBackend(backend);
    const { images, labels } = await mnist();
    const rows = (from: number, to: number) => ({ images: images.slice(from * 784, to * 784), labels: labels.slice(from, to) }); // prettier-ignore
    // a model that has seen other digits, without its head
    manualSeed(1);
    const backbone = sequential(linear(784, 256), relu, linear(256, 128), relu);
    const model = sequential(backbone, linear(128, 10));
    const seen = rows(1000, 2000);
    await fit(model, fromArrays(seen.images, seen.labels, { shape: [-1, 784] }), {
      loss: crossEntropyLoss(),
      optimizer: adam(model.parameters()),
      epochs: 3,
      batchSize: 64,
      seed: 0,
    });
    const named = Object.entries(backbone.stateDict()).map(([name, t]) => [`backbone.${name}`, t] as const);
    base = await writeSafetensors(Object.fromEntries(named));
    const { ok } = await fetch('/base.safetensors', { method: 'PUT', body: base });
    expect(ok).toBe(true);
    setDefaultBackend(undefined);
    await backend.close();
    order = rows(0, 512);
  });

  /** Starts the worker, and gives what it has posted in the end. */
  async function run(onEpoch: (worker: Worker, epoch: number) => void): Promise<Posted[]> {
    const worker = new Worker(new URL('../../../examples/fineTuneInWorker.ts', import.meta.url), { type: 'module' });
    afterAll(() => {
      worker.terminate();
    });
    const posted: Posted[] = [];
    return new Promise((resolve, reject) => {
      worker.onerror = (event) => {
        reject(new Error(event.message));
      };
      worker.onmessage = ({ data }: MessageEvent<Posted>) => {
        posted.push(data);
        if ('epoch' in data) onEpoch(worker, data.epoch);
        else resolve(posted);
      };
      worker.postMessage(order);
    });
  }

  test('posts its epochs and the new weights', async () => {
    const posted = await run(() => undefined);
    const epochs = posted.filter((p) => 'epoch' in p);
    expect(epochs.map((e) => e.epoch)).toEqual([1, 2, 3, 4, 5]);
    expect(epochs[4].loss).toBeLessThan(0.7 * epochs[0].loss);
    const last = posted[5];
    if (!('bytes' in last)) return expect.fail('the last message has no weights');
    expect([last.stopped, last.backend]).toEqual(['finished', 'webgpu']);
    const [before, after] = [base, last.bytes].map((bytes) => decodeSafetensors(bytes).tensors);
    for (const [name, { data }] of Object.entries(before)) expect(after[name].data, name).toEqual(data);
    expect(after['head.weight'].shape).toEqual([10, 128]);
    expect(after['head.bias'].data.some((x) => Number(x) !== 0)).toBe(true);
  });

  test('stops when it is told', async () => {
    const posted = await run((worker, epoch) => {
      if (epoch === 1) worker.postMessage('stop' satisfies Order);
    });
    const last = posted.at(-1)!;
    if (!('stopped' in last)) return expect.fail('the last message does not say how it ended');
    expect(last.stopped).toBe('aborted');
    expect(posted.length).toBeLessThan(6);
    expect(Object.keys(decodeSafetensors(last.bytes).tensors)).toHaveLength(6);
  });
});
