// What a program hears that needs more memory than a backend has: sizes, and what to do. Nothing here allocates much.
import { kernelBackend } from '@kindling/compiler';
import { type Backend, compile, keep, setDefaultBackend, type Tensor, tensor, zeros } from '@kindling/core';
import { cpuDevice } from '@kindling/cpu-backend';
import { describe, expect, it } from 'vitest';

const mebi = 2 ** 18; // numbers of 4 bytes

function open(mostBytes?: number): Backend {
  const backend = kernelBackend(cpuDevice({ relaxedSimd: false, ...(mostBytes === undefined ? {} : { mostBytes }) }));
  setDefaultBackend(backend);
  return backend;
}

describe('beyond 4 GiB', () => {
  it('a tensor that stays names its shape and its bytes', async () => {
    open();
    const stays = keep(zeros([5, 2 ** 28]).add(1)).data();
    await expect(stays).rejects.toThrow(
      "backend 'cpu': a tensor of shape [5, 268435456] takes 5368709120 bytes, and a buffer has at most 4293918720; use smaller batches or layers", // prettier-ignore
    );
  });

  it('so does a value within a program, and the operation that makes it', async () => {
    open();
    const read = tensor([1, 2, 3, 4, 5]).unsqueeze(1).expand(5, 2 ** 28).exp().data(); // prettier-ignore
    await expect(read).rejects.toThrow(
      'exp: a float32 tensor of shape [5, 268435456] must stand in memory here and takes 5368709120 bytes, and a buffer has at most 4293918720; use smaller batches or layers', // prettier-ignore
    );
  });
});

describe('a full memory', () => {
  it('names what is wanted, what is in use, and the limit; and works again when there is room', async () => {
    const backend = open(8 * 2 ** 20);
    const kept: Tensor[] = [];
    const fill = async () => {
      for (let i = 0; i < 9; i++) kept.push(await tensor(new Float32Array(mebi).fill(i)).to(backend));
    };
    await expect(fill()).rejects.toThrow(/^cpu allocate: there is no room for 1\.00 MiB: [67]\.\d\d MiB are in use, and a WebAssembly memory has at most 8\.00 MiB\. Use smaller batches, release tensors with dispose\(\), or keep fewer activations with checkpoint\(\)$/); // prettier-ignore
    const [first] = kept;
    // a program that needs more than is left
    const sums = compile((x: Tensor, n: number) => x.mul(n).reshape(512, 512).matmul(x.reshape(512, 512)).sum());
    await expect((async () => sums(first, 2).item())()).rejects.toThrow('there is no room for');
    for (const t of kept.splice(1)) t.dispose();
    expect(await sums(first, 2).item()).toBe(0);
    const x = await tensor(new Float32Array(mebi).fill(1)).to(backend);
    expect(await sums(x, 2).item()).toBe(2 * 512 ** 3);
    expect(await keep(x.add(1)).sum().item()).toBe(2 * mebi);
  });
});
