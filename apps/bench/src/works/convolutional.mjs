import { randomArray, randomLabels } from './random.mjs';

/** Training steps of two convolutions of 3 × 3, each with relu and a pooling of 2 × 2, and a linear layer. NCHW, OIHW. */
export function convolutional(channels, batch, side = 28, classes = 10) {
  const [first, second] = channels;
  const convolution = (inputs, outputs) => {
    const bound = 1 / Math.sqrt(inputs * 9);
    return { inputs, outputs, weight: randomArray(outputs * inputs * 9, bound), bias: randomArray(outputs, bound) };
  };
  const features = second * (side / 4) ** 2;
  const bound = 1 / Math.sqrt(features);
  const batches = Array.from({ length: 4 }, () => ({
    input: randomArray(batch * side * side),
    labels: randomLabels(batch, classes),
  }));
  return {
    kind: 'convolutional',
    title: `CNN conv ${first}, pool, conv ${second}, pool, linear; ${side} × ${side}, batch ${batch}, Adam: one step`,
    convolutions: [convolution(1, first), convolution(first, second)],
    /** [features, classes]; features in the order channel, row, column. */
    linear: { inputs: features, outputs: classes, weight: randomArray(features * classes, bound), bias: randomArray(classes, bound) }, // prettier-ignore
    batches,
    batch,
    side,
    classes,
    adam: { lr: 1e-3, betas: [0.9, 0.999], eps: 1e-8 },
  };
}
