import { backward } from '@kindling/autograd';
import { compile, parameter, relu, tensor, type Tensor, type TypedArray } from '@kindling/core';
import { crossEntropyLoss } from '@kindling/losses';
import { adam } from '@kindling/optimizers';
import { random } from '../../../packages/cpu-backend/test/randomKernel.js';

function numbers(count: number, scale: number, seed: number): Float32Array {
  const pick = random(seed);
  return Float32Array.from({ length: count }, () => (pick(2 ** 24) / 2 ** 23 - 1) * scale);
}

interface Weights {
  readonly w: TypedArray;
  readonly b: TypedArray;
}

/** A perceptron, its optimizer, and a step that is compiled; the same numbers whatever the backend. */
export function mlp(sizes = [784, 256, 128, 10], batch = 64, weights?: readonly Weights[]) {
  const layers = sizes.slice(1).map((out, i) => {
    const scale = Math.sqrt(6 / sizes[i]);
    return {
      w: parameter(tensor(weights?.[i].w ?? numbers(sizes[i] * out, scale, 10 + i), { shape: [sizes[i], out] })),
      b: parameter(tensor(weights?.[i].b ?? new Float32Array(out), { shape: [out] })),
    };
  });
  const loss = crossEntropyLoss();
  const optimizer = adam(
    layers.flatMap(({ w, b }) => [w, b]),
    { lr: 1e-3 },
  );
  const step = compile((x: Tensor, y: Tensor) => {
    const logits = layers.reduce((h, { w, b }, i) => {
      const z = h.matmul(w).add(b);
      return i < layers.length - 1 ? relu(z) : z;
    }, x);
    const value = loss(logits, y);
    backward(value);
    optimizer.step();
    optimizer.zeroGrad();
    return value;
  });
  const batches = Array.from({ length: 8 }, (_, i) => {
    const pick = random(100 + i);
    return {
      x: tensor(numbers(batch * sizes[0], 1, 50 + i), { shape: [batch, sizes[0]] }),
      y: tensor(Int32Array.from({ length: batch }, () => pick(sizes[sizes.length - 1]))),
    };
  });
  return { layers, optimizer, step: (i: number) => step(batches[i % 8].x, batches[i % 8].y) };
}
