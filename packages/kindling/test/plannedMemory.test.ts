// How much memory a training step is given, held against what any placement of its values needs. Both come from what the
// device is told to run: which buffers a launch reads and writes, and how far.
import { backward } from '@kindling/autograd';
import { type Affine, deviceBytes, type Device, type Inst, type Kernel, kernelBackend } from '@kindling/compiler';
import { compile, conv2d, maxPool2d, type Memory, parameter, randn, relu, setDefaultBackend, type Tensor, tensor } from '@kindling/core'; // prettier-ignore
import { crossEntropyLoss } from '@kindling/losses';
import { linear, type Module, sequential, transformerEncoderLayer } from '@kindling/nn';
import { adam } from '@kindling/optimizers';
import { afterEach, describe, expect, it } from 'vitest';

interface Buffer {
  readonly bytes: number;
}
interface Launch {
  readonly kernel: Kernel;
  readonly buffers: readonly Buffer[];
  readonly scalars: Float64Array;
}

/** A backend that computes nothing and notes what it is told to run. `owned`: memory of variables and kept tensors. */
function notingBackend() {
  const launches: Launch[] = [];
  const uploads = new Map<Buffer, number>();
  const owned = new Set<Buffer>();
  const device: Device<Buffer, Kernel> = {
    name: 'noting',
    dtypes: ['float32', 'float64', 'int32', 'uint32', 'bool'],
    limits: { maxBufferBytes: 2 ** 32, maxBindings: 64, vectorWidth: 4 },
    allocate: (bytes) => ({ bytes }),
    free: () => {},
    write: (buffer, _, { length }) => void uploads.set(buffer, length),
    read: (_, __, length) => Promise.resolve(new Uint8Array(length)),
    readSync: (_, __, length) => new Uint8Array(length),
    compile: (kernel) => kernel,
    run: (kernel, buffers, scalars) => void launches.push({ kernel, buffers, scalars }),
    finished: () => Promise.resolve(),
    close: () => Promise.resolve(),
  };
  const backend = kernelBackend(device);
  const allocate = backend.allocate.bind(backend);
  backend.allocate = (shape, dtype) => {
    const memory = allocate(shape, dtype) as Memory & { readonly buffer: Buffer };
    owned.add(memory.buffer);
    return memory;
  };
  return { backend, launches, uploads, owned };
}

/** Bytes of the buffer that the kernel touches from its beginning, for one segment. */
function extent(kernel: Kernel, buffer: number, length: number): number {
  const { body, axes, buffers } = kernel;
  const farthest = ({ base, stride }: Affine): number =>
    stride.reduce((sum, s, axis) => sum + Math.max(0, s * ((kernel.segmented ? length : axes[axis]) - 1)), base);
  const codes: (readonly Inst[])[] = body.kind === 'loops' ? body.blocks.map(({ code }) => code) : [body.a.code, body.b.code, body.epilogue.code]; // prettier-ignore
  const stores = body.kind === 'loops' ? body.blocks.flatMap((block) => block.stores) : body.epilogue.stores;
  const accesses = [...codes.flatMap((code) => code.flatMap((inst) => (inst.op === 'load' ? [inst.at] : []))), ...stores.map(({ at }) => at)]; // prettier-ignore
  // where an index comes from memory, nobody knows here; a load that is out of bounds touches nothing
  const known = accesses.filter((at) => at.buffer === buffer && at.by === undefined && at.bounds === undefined);
  return deviceBytes(buffers[buffer].dtype) * Math.max(0, ...known.map(({ index }) => farthest(index) + 1));
}

/** A value in workspace, from the launch that makes it to the last that uses it. */
interface Life {
  readonly from: number;
  to: number;
  bytes: number;
}

/** The lives of all values of a program, buffer by buffer. */
function livesOf({ launches, uploads, owned }: ReturnType<typeof notingBackend>): Life[][] {
  const buffers = new Map<Buffer, Life[]>();
  for (const [buffer, bytes] of uploads) if (!owned.has(buffer)) buffers.set(buffer, [{ from: 0, to: 0, bytes }]);
  launches.forEach(({ kernel, buffers: given, scalars }, at) => {
    const numbers = 1 + kernel.scalars.length;
    given.forEach((buffer, i) => {
      if (owned.has(buffer)) return;
      const [segment, own] = [Math.floor(i / kernel.buffers.length), i % kernel.buffers.length];
      const bytes = extent(kernel, own, kernel.segmented ? scalars[segment * numbers] : 0);
      const lives = buffers.get(buffer) ?? [];
      buffers.set(buffer, lives);
      const current = lives.at(-1);
      if (kernel.buffers[own].use === 'read') {
        if (current === undefined) throw new Error('a launch reads what nobody has written');
        current.to = at;
        current.bytes = Math.max(current.bytes, bytes);
      } else if (current?.from === at && current.to === at) current.bytes = Math.max(current.bytes, bytes);
      else lives.push({ from: at, to: at, bytes });
    });
  });
  return [...buffers.values()];
}

/** The bytes that the program is given, and those of the values that live at the same time, at most. */
function measure(lives: readonly Life[][], launches: number): { planned: number; needed: number } {
  const planned = lives.reduce((sum, list) => sum + Math.max(...list.map(({ bytes }) => bytes)), 0);
  let needed = 0;
  for (let at = 0; at < launches; at++) {
    const living = lives.flat().filter(({ from, to }) => from <= at && at <= to);
    needed = Math.max(
      needed,
      living.reduce((sum, { bytes }) => sum + bytes, 0),
    );
  }
  return { planned, needed };
}

interface Network {
  readonly parameters: readonly Tensor[];
  readonly forward: (x: Tensor) => Tensor;
  readonly input: readonly number[];
}

function mlp(): Network {
  const model = sequential(linear(784, 256), relu, linear(256, 128), relu, linear(128, 10));
  return { parameters: [...model.parameters()], forward: (x) => model.forward(x), input: [64, 784] };
}

function cnn(): Network {
  const parameters = [[32, 1, 3, 3], [32], [64, 32, 3, 3], [64], [3136, 10], [10]].map((shape) =>
    parameter(randn(shape)),
  );
  const [w1, b1, w2, b2, w3, b3] = parameters;
  const forward = (x: Tensor): Tensor => {
    const first = maxPool2d(relu(conv2d(x, w1, b1, { padding: 1 })), 2);
    const second = maxPool2d(relu(conv2d(first, w2, b2, { padding: 1 })), 2);
    return second.reshape(32, 3136).matmul(w3).add(b3);
  };
  return { parameters, forward, input: [32, 1, 28, 28] };
}

function transformer(): Network {
  const layers = Array.from({ length: 4 }, () => transformerEncoderLayer(128, 4, { dimFeedforward: 512, dropout: 0, batchFirst: true })); // prettier-ignore
  const last = linear(128, 10);
  const parameters = [...layers, last].flatMap((module: Module) => [...module.parameters()]);
  const forward = (x: Tensor): Tensor => last.forward(layers.reduce((h, layer) => layer.forward(h), x).mean(1));
  return { parameters, forward, input: [8, 128, 128] };
}

afterEach(() => setDefaultBackend(undefined));

describe('the memory of a training step is at most 1.2 times what its values need', () => {
  for (const make of [mlp, cnn, transformer])
    it(make.name, async () => {
      const noting = notingBackend();
      setDefaultBackend(noting.backend);
      const { parameters, forward, input } = make();
      const optimizer = adam(parameters as Parameters<typeof adam>[0]);
      const criterion = crossEntropyLoss();
      const step = compile((x: Tensor, y: Tensor) => {
        optimizer.zeroGrad();
        const loss = criterion(forward(x), y);
        backward(loss);
        optimizer.step();
        return loss;
      });
      const batch = [
        tensor(new Float32Array(input.reduce((a, b) => a * b)), { shape: input }),
        tensor(new Int32Array(input[0])),
      ];
      await step(batch[0], batch[1]).item();
      noting.launches.length = 0;
      noting.uploads.clear();
      await step(batch[0], batch[1]).item();
      const { planned, needed } = measure(livesOf(noting), noting.launches.length);
      expect(needed).toBeGreaterThan(0);
      expect(planned / needed).toBeLessThanOrEqual(1.2);
    });
});
