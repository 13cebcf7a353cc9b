import { createRequire } from 'node:module';
import { dirname } from 'node:path';

const require = createRequire(import.meta.url);

export async function open() {
  // it greets on the console when it is loaded
  const { warn, log } = console;
  console.warn = console.log = () => {};
  const tf = require('@tensorflow/tfjs');
  const wasm = require('@tensorflow/tfjs-backend-wasm');
  wasm.setWasmPaths(`${dirname(require.resolve('@tensorflow/tfjs-backend-wasm'))}/`);
  tf.env().set('WASM_HAS_MULTITHREAD_SUPPORT', false);
  await tf.setBackend('wasm');
  await tf.ready();
  Object.assign(console, { warn, log });
  if (tf.getBackend() !== 'wasm') throw new Error('tfjs: the wasm backend did not start');

  const makers = {
    train({ layers, batches, batch, inputs, classes, lr, betas, eps }) {
      const params = layers.flatMap((l) => [
        tf.variable(tf.tensor2d(l.weight, [l.inputs, l.outputs])),
        tf.variable(tf.tensor1d(l.bias)),
      ]);
      const optimizer = tf.train.adam(lr, ...betas, eps);
      const data = batches.map(({ input, labels }) => [
        tf.tensor2d(input, [batch, inputs]),
        tf.oneHot(tf.tensor1d(labels, 'int32'), classes).toFloat(),
      ]);
      const lossOf = (x, y) => {
        let h = x;
        for (let l = 0; l < layers.length; l++) {
          h = h.matMul(params[2 * l]).add(params[2 * l + 1]);
          if (l < layers.length - 1) h = h.relu();
        }
        return tf.losses.softmaxCrossEntropy(y, h);
      };
      let i = 0;
      let loss;
      return {
        run: () => {
          const [x, y] = data[i++ % data.length];
          loss?.dispose();
          loss = tf.tidy(() => optimizer.minimize(() => lossOf(x, y), true, params));
        },
        finish: async () => (await loss.data())[0],
      };
    },
    matmul: ({ n, transposed, a, b }) =>
      once((x, y) => tf.matMul(x, y, false, transposed), [tf.tensor2d(a, [n, n]), tf.tensor2d(b, [n, n])]),
    softmax: ({ n, x }) => once((t) => tf.softmax(t), [tf.tensor2d(x, [n, n])]),
    chain: ({ x }) => once((t) => t.mul(2.5).add(1).relu().mul(0.7).sub(t), [tf.tensor1d(x)]),
  };

  function once(f, inputs) {
    let result;
    return {
      run: () => {
        result?.dispose();
        result = tf.tidy(() => f(...inputs));
      },
      finish: () => Promise.resolve(),
      check: () => result.data(),
    };
  }

  return { name: 'TF.js wasm', version: tf.version.tfjs, make: (work) => makers[work.kind](work) };
}
