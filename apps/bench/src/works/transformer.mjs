import { randomArray, randomLabels } from './random.mjs';

/** Training steps of encoder layers (norms after the sums, no dropout), the mean over the sequence and a linear layer. */
export function transformer({ layers, width, heads, feedForward, sequence, batch, classes = 10 }) {
  const weight = (outputs, inputs) => ({
    shape: [outputs, inputs],
    data: randomArray(outputs * inputs, 1 / Math.sqrt(inputs)),
  });
  const vector = (size, value) => ({ shape: [size], data: new Float32Array(size).fill(value) });
  const layer = () => ({
    inProjWeight: weight(3 * width, width),
    inProjBias: vector(3 * width, 0),
    outProjWeight: weight(width, width),
    outProjBias: vector(width, 0),
    linear1Weight: weight(feedForward, width),
    linear1Bias: vector(feedForward, 0.01),
    linear2Weight: weight(width, feedForward),
    linear2Bias: vector(width, 0),
    norm1Weight: vector(width, 1),
    norm1Bias: vector(width, 0),
    norm2Weight: vector(width, 1),
    norm2Bias: vector(width, 0),
  });
  return {
    kind: 'transformer',
    title: `transformer of ${layers} layers, width ${width}, ${heads} heads, feed-forward ${feedForward}; sequence ${sequence}, batch ${batch}, Adam: one step`, // prettier-ignore
    layers: Array.from({ length: layers }, layer),
    head: { weight: weight(classes, width), bias: vector(classes, 0) },
    batches: Array.from({ length: 4 }, () => ({
      input: randomArray(batch * sequence * width),
      labels: randomLabels(batch, classes),
    })),
    width,
    heads,
    feedForward,
    sequence,
    batch,
    classes,
    adam: { lr: 1e-3, betas: [0.9, 0.999], eps: 1e-8 },
  };
}
