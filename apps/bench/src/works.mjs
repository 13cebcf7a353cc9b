// The works: the same numbers for every library. Weights are [inputs, outputs].

let state = 1;
/** Uniform between −1 and 1, the same on every run. */
function random() {
  state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
  return state / 2 ** 31 - 1;
}
export function randomArray(size, scale = 1) {
  return Float32Array.from({ length: size }, () => random() * scale);
}

function perceptron(sizes, batch) {
  const layers = sizes.slice(1).map((outputs, i) => {
    const inputs = sizes[i];
    const bound = 1 / Math.sqrt(inputs);
    return {
      inputs,
      outputs,
      weight: randomArray(inputs * outputs, bound),
      bias: randomArray(outputs, bound),
    };
  });
  const [inputs, classes] = [sizes[0], sizes.at(-1)];
  const batches = Array.from({ length: 4 }, () => ({
    input: randomArray(batch * inputs),
    labels: Int32Array.from({ length: batch }, () => Math.floor(((random() + 1) / 2) * classes)),
  }));
  return { kind: 'train', layers, batches, batch, inputs, classes, lr: 1e-3, betas: [0.9, 0.999], eps: 1e-8 };
}

const square = (n) => randomArray(n * n);

/** `flop` turns a time into GFLOP/s where that says more. */
export const works = {
  mlp: { title: 'MLP 784-256-128-10, batch 64, cross-entropy, Adam: one step', ...perceptron([784, 256, 128, 10], 64) },
  matmul: { title: 'matmul 512 · 512', kind: 'matmul', n: 512, transposed: false, a: square(512), b: square(512), flop: 2 * 512 ** 3 }, // prettier-ignore
  'matmul-t': { title: 'matmul 512 · 512ᵀ', kind: 'matmul', n: 512, transposed: true, a: square(512), b: square(512), flop: 2 * 512 ** 3 }, // prettier-ignore
  softmax: { title: 'softmax of 1024 rows of 1024', kind: 'softmax', n: 1024, x: randomArray(1024 * 1024, 4) },
  chain: { title: 'relu(2.5x + 1)·0.7 − x of a million numbers', kind: 'chain', x: randomArray(2 ** 20) },
  tiny: { title: 'MLP 4-8-3, batch 16, cross-entropy, Adam: one step', ...perceptron([4, 8, 3], 16) },
};
