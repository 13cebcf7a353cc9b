import { randomArray, randomLabels } from './random.mjs';

/** Training steps of linear layers with relu between them. Weights are [inputs, outputs]. */
export function perceptron(sizes, batch) {
  const layers = sizes.slice(1).map((outputs, i) => {
    const inputs = sizes[i];
    const bound = 1 / Math.sqrt(inputs);
    return { inputs, outputs, weight: randomArray(inputs * outputs, bound), bias: randomArray(outputs, bound) };
  });
  const [inputs, classes] = [sizes[0], sizes.at(-1)];
  const batches = Array.from({ length: 4 }, () => ({
    input: randomArray(batch * inputs),
    labels: randomLabels(batch, classes),
  }));
  return {
    kind: 'perceptron',
    title: `MLP ${sizes.join('-')}, batch ${batch}, cross-entropy, Adam: one step`,
    layers,
    batches,
    batch,
    inputs,
    classes,
    adam: { lr: 1e-3, betas: [0.9, 0.999], eps: 1e-8 },
  };
}
