/**
 * Training steps of a small convolutional network on pictures of one channel: twice a convolution of 3 × 3 with its size
 * kept, relu, and the greatest of 2 × 2; then a linear layer. Weights are PyTorch's: [outputs, inputs, height, width] and
 * [outputs, inputs]. `randomArray(size, scale)` and `randomLabels(count, classes)` give the numbers.
 */
export function convolutional({ randomArray, randomLabels }, channels = [32, 64], side = 28, batch = 32, classes = 10) {
  const layer = (inputs, outputs, taps) => {
    const bound = 1 / Math.sqrt(inputs * taps);
    return { inputs, outputs, weight: randomArray(inputs * taps * outputs, bound), bias: randomArray(outputs, bound) };
  };
  const planes = channels.map((outputs, i) => layer(channels[i - 1] ?? 1, outputs, 9));
  const rest = side / 2 ** channels.length;
  return {
    kind: 'convolutional',
    title: `CNN ${channels.map((n) => `conv${n}-pool`).join('-')}-fc, batch ${batch}, cross-entropy, Adam: one step`,
    planes,
    dense: layer(channels.at(-1) * rest * rest, classes, 1),
    batches: Array.from({ length: 4 }, () => ({
      input: randomArray(batch * side * side),
      labels: randomLabels(batch, classes),
    })),
    shape: [batch, 1, side, side],
    adam: { lr: 1e-3, betas: [0.9, 0.999], eps: 1e-8 },
  };
}
