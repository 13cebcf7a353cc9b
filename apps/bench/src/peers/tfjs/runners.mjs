/** What TensorFlow.js does for each kind of work on its current backend; `finished` waits for what was started. */
export function tfjsOn(tf, finished) {
  const makers = {
    perceptron({ layers, batches, batch, inputs, classes, adam }) {
      const params = layers.flatMap((l) => [
        tf.variable(tf.tensor2d(l.weight, [l.inputs, l.outputs])),
        tf.variable(tf.tensor1d(l.bias)),
      ]);
      const forward = (x) => {
        let h = x;
        for (let l = 0; l < layers.length; l++) {
          h = h.matMul(params[2 * l]).add(params[2 * l + 1]);
          if (l < layers.length - 1) h = h.relu();
        }
        return h;
      };
      return training(forward, params, adam, batches, [batch, inputs], classes);
    },
    convolutional({ convolutions, linear, batches, batch, side, classes, adam }) {
      // its layout is channels last: weights are turned once, those of the linear layer with the features they belong to
      const params = convolutions.flatMap((c) => [
        tf.variable(tf.transpose(tf.tensor4d(c.weight, [c.outputs, c.inputs, 3, 3]), [2, 3, 1, 0])),
        tf.variable(tf.tensor1d(c.bias)),
      ]);
      const [size, channels] = [side / 4, convolutions.at(-1).outputs];
      const rows = tf.tensor4d(linear.weight, [channels, size, size, linear.outputs]);
      params.push(tf.variable(rows.transpose([1, 2, 0, 3]).reshape([linear.inputs, linear.outputs])));
      params.push(tf.variable(tf.tensor1d(linear.bias)));
      const [w1, b1, w2, b2, w3, b3] = params;
      const layer = (x, w, b) => tf.conv2d(x, w, 1, 'same').add(b).relu().maxPool(2, 2, 'valid');
      const forward = (x) =>
        layer(layer(x, w1, b1), w2, b2)
          .reshape([batch, linear.inputs])
          .matMul(w3)
          .add(b3);
      return training(forward, params, adam, batches, [batch, side, side, 1], classes);
    },
    transformer({ layers, head, batches, batch, sequence, width, heads, classes, adam }) {
      const variables = (given) =>
        Object.fromEntries(Object.entries(given).map(([name, { data, shape }]) => [name, tf.variable(tf.tensor(data, shape))])); // prettier-ignore
      const [encoders, last] = [layers.map(variables), variables(head)];
      const rows = batch * sequence;
      const linear = (x, w, b) => tf.matMul(x, w, false, true).add(b);
      const norm = (x, w, b) => {
        const centred = x.sub(x.mean(-1, true));
        return centred.mul(centred.square().mean(-1, true).add(1e-5).rsqrt()).mul(w).add(b);
      };
      const attend = (x, l) => {
        const parts = linear(x, l.inProjWeight, l.inProjBias).split(3, -1);
        const [q, k, v] = parts.map((p) => p.reshape([batch, sequence, heads, width / heads]).transpose([0, 2, 1, 3]));
        const weights = tf.softmax(tf.matMul(q, k, false, true).mul((width / heads) ** -0.5));
        const joined = tf.matMul(weights, v).transpose([0, 2, 1, 3]).reshape([rows, width]);
        return linear(joined, l.outProjWeight, l.outProjBias);
      };
      const forward = (input) => {
        let x = input;
        for (const l of encoders) {
          x = norm(x.add(attend(x, l)), l.norm1Weight, l.norm1Bias);
          const h = linear(x, l.linear1Weight, l.linear1Bias).relu();
          x = norm(x.add(linear(h, l.linear2Weight, l.linear2Bias)), l.norm2Weight, l.norm2Bias);
        }
        return linear(x.reshape([batch, sequence, width]).mean(1), last.weight, last.bias);
      };
      const params = [...encoders, last].flatMap((layer) => Object.values(layer));
      return training(forward, params, adam, batches, [rows, width], classes);
    },
    matmul: ({ n, transposed, a, b }) =>
      once(
        (x, y) => tf.matMul(x, y, transposed === 'a', transposed === 'b'),
        [tf.tensor2d(a, [n, n]), tf.tensor2d(b, [n, n])],
      ),
    softmax: ({ n, x }) => once((t) => tf.softmax(t), [tf.tensor2d(x, [n, n])]),
    chain: ({ x }) => once((t) => t.mul(2.5).add(1).relu().mul(0.7).sub(t), [tf.tensor1d(x)]),
    adds({ count, x, y }) {
      const [first, added] = [tf.tensor1d(x), tf.tensor1d(y)];
      let data;
      return {
        run: async () => {
          const z = tf.tidy(() => {
            let sum = first;
            for (let i = 0; i < count; i++) sum = sum.add(added);
            return sum;
          });
          data = await z.data();
          z.dispose();
        },
        finish: () => Promise.resolve(),
        check: () => data,
      };
    },
    adamUpdate({ parameter, gradient, adam: { lr, betas, eps } }) {
      const p = tf.variable(tf.tensor1d(parameter));
      const optimizer = tf.train.adam(lr, ...betas, eps);
      const gradients = { [p.name]: tf.tensor1d(gradient) };
      return { run: () => optimizer.applyGradients(gradients), finish: finished, check: () => p.data() };
    },
  };

  function training(forward, params, { lr, betas, eps }, batches, shape, classes) {
    const optimizer = tf.train.adam(lr, ...betas, eps);
    const data = batches.map(({ input, labels }) => [
      tf.tensor(input, shape),
      tf.oneHot(tf.tensor1d(labels, 'int32'), classes).toFloat(),
    ]);
    let i = 0;
    let loss;
    return {
      run: () => {
        const [x, y] = data[i++ % data.length];
        loss?.dispose();
        loss = tf.tidy(() => optimizer.minimize(() => tf.losses.softmaxCrossEntropy(y, forward(x)), true, params));
      },
      finish: async () => (await loss.data())[0],
    };
  }

  function once(f, inputs) {
    let result;
    return {
      run: () => {
        result?.dispose();
        result = tf.tidy(() => f(...inputs));
      },
      finish: finished,
      check: () => result.data(),
    };
  }

  return (work) => makers[work.kind](work);
}
