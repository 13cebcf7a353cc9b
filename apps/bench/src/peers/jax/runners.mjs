import { blockUntilReady, defaultDevice, init, jit, lax, nn, numpy as np, valueAndGrad } from '@jax-js/jax';

/**
 * What jax-js does for each kind of work on one of its devices. It counts references: `x.ref` where x is used again, and
 * every argument is used up. It starts work only when something waits for it (what is disposed of before is never
 * computed), so every run waits for its own.
 */
export async function jaxOn(device) {
  const found = await init(device);
  if (!found.includes(device)) throw new Error(`jax-js has no device '${device}' here`);
  defaultDevice(device);
  const array = (data, shape) => np.array(data).reshape(shape);

  const makers = {
    perceptron({ layers, batches, batch, inputs, classes, adam }) {
      const forward = (params, x) => {
        let h = x;
        for (let l = 0; l < layers.length; l++) {
          h = np.matmul(h, params[2 * l]).add(params[2 * l + 1]);
          if (l < layers.length - 1) h = nn.relu(h);
        }
        return h;
      };
      const params = layers.flatMap((l) => [array(l.weight, [l.inputs, l.outputs]), np.array(l.bias)]);
      return training(forward, params, adam, batches, [batch, inputs], classes);
    },
    convolutional({ convolutions, linear, batches, batch, side, classes, adam }) {
      const params = [
        ...convolutions.flatMap((c) => [
          array(c.weight, [c.outputs, c.inputs, 3, 3]),
          array(c.bias, [c.outputs, 1, 1]),
        ]),
        array(linear.weight, [linear.inputs, linear.outputs]),
        np.array(linear.bias),
      ];
      const forward = ([w1, b1, w2, b2, w3, b3], x) => {
        const layer = (input, w, b) => {
          const y = nn.relu(lax.convGeneralDilated(input, w, [1, 1], 'SAME').add(b));
          const [n, c, h, v] = y.shape;
          return np.max(y.reshape([n, c, h / 2, 2, v / 2, 2]), [3, 5]);
        };
        return np.matmul(layer(layer(x, w1, b1), w2, b2).reshape([batch, linear.inputs]), w3).add(b3);
      };
      return training(forward, params, adam, batches, [batch, 1, side, side], classes);
    },
    transformer({ layers, head, batches, batch, sequence, width, heads, classes, adam }) {
      const names = Object.keys(layers[0]);
      const given = ({ data, shape }) => array(data, shape);
      const params = [...layers, head].flatMap((layer) => Object.values(layer).map(given));
      const linear = (x, w, b) => np.matmul(x, np.transpose(w)).add(b);
      const norm = (x, w, b) => nn.standardize(x, -1).mul(w).add(b);
      // its own dotProductAttention is written with einsum, which needs a newer Node than 20
      const attend = (x, l) => {
        const parts = np.split(linear(x, l.inProjWeight, l.inProjBias), 3, -1);
        const [q, k, v] = parts.map((part) => part.reshape([batch, sequence, heads, width / heads]));
        const scores = np.matmul(np.transpose(q, [0, 2, 1, 3]), np.transpose(k, [0, 2, 3, 1]));
        const weights = nn.softmax(scores.mul((width / heads) ** -0.5), -1);
        const values = np.matmul(weights, np.transpose(v, [0, 2, 1, 3]));
        const joined = np.transpose(values, [0, 2, 1, 3]).reshape([batch, sequence, width]);
        return linear(joined, l.outProjWeight, l.outProjBias);
      };
      const forward = (list, input) => {
        let x = input;
        for (let i = 0; i < layers.length; i++) {
          const l = Object.fromEntries(names.map((name, j) => [name, list[i * names.length + j]]));
          x = norm(x.ref.add(attend(x, l)), l.norm1Weight, l.norm1Bias);
          const h = nn.relu(linear(x.ref, l.linear1Weight, l.linear1Bias));
          x = norm(x.add(linear(h, l.linear2Weight, l.linear2Bias)), l.norm2Weight, l.norm2Bias);
        }
        return linear(np.mean(x, 1), ...list.slice(-2));
      };
      return training(forward, params, adam, batches, [batch, sequence, width], classes);
    },
    matmul: ({ n, transposed, a, b }) =>
      once(
        (x, y) => np.matmul(transposed === 'a' ? np.transpose(x) : x, transposed === 'b' ? np.transpose(y) : y),
        [array(a, [n, n]), array(b, [n, n])],
      ),
    softmax: ({ n, x }) => once((t) => nn.softmax(t, 1), [array(x, [n, n])]),
    chain: ({ x }) => once((t) => nn.relu(t.ref.mul(2.5).add(1)).mul(0.7).sub(t), [np.array(x)]),
    adds({ count, x, y }) {
      const [first, added] = [np.array(x), np.array(y)];
      let data;
      return {
        run: async () => {
          let z = first.ref;
          for (let i = 0; i < count; i++) z = z.add(added.ref);
          data = await z.data();
        },
        finish: () => Promise.resolve(),
        check: () => data,
      };
    },
    adamUpdate({ parameter, gradient, adam }) {
      const update = jit((p, m, v, c1, c2, g) => adamStep(adam, p, m, v, c1, c2, g));
      let state = [np.array(parameter), np.zeros([parameter.length]), np.zeros([parameter.length])];
      const g = np.array(gradient);
      let t = 0;
      return {
        run: async () => {
          t += 1;
          state = update(...state, ...corrections(adam, t), g.ref);
          await blockUntilReady(state);
        },
        finish: () => Promise.resolve(),
        check: () => state[0].ref.data(),
      };
    },
  };

  /** The next parameter and moments; `c1` and `c2` are used, not used up. */
  function adamStep({ lr, betas: [b1, b2], eps }, p, m, v, c1, c2, g) {
    const mNext = m.mul(b1).add(g.ref.mul(1 - b1));
    const vNext = v.mul(b2).add(g.ref.mul(g).mul(1 - b2));
    const direction = mNext.ref.mul(c1.ref).div(np.sqrt(vNext.ref.mul(c2.ref)).add(eps));
    return [p.sub(direction.mul(lr)), mNext, vNext];
  }
  const corrections = ({ betas: [b1, b2] }, t) => [np.array(1 / (1 - b1 ** t)), np.array(1 / (1 - b2 ** t))];

  function training(forward, start, adam, batches, shape, classes) {
    const lossOf = (params, x, y) =>
      nn
        .logSoftmax(forward(params, x), 1)
        .mul(y)
        .sum()
        .mul(-1 / shape[0]);
    const step = jit((params, m, v, c1, c2, x, y) => {
      const [loss, grads] = valueAndGrad(lossOf)(
        params.map((p) => p.ref),
        x,
        y,
      );
      const next = params.map((p, i) => adamStep(adam, p, m[i], v[i], c1, c2, grads[i]));
      c1.dispose();
      c2.dispose();
      return [0, 1, 2].map((part) => next.map((tuple) => tuple[part])).concat([loss]);
    });
    let params = start;
    let m = params.map((p) => np.zeros(p.shape));
    let v = params.map((p) => np.zeros(p.shape));
    const data = batches.map(({ input, labels }) => {
      const oneHot = new Float32Array(labels.length * classes);
      labels.forEach((label, row) => (oneHot[row * classes + label] = 1));
      return [array(input, shape), array(oneHot, [labels.length, classes])];
    });
    let t = 0;
    let loss;
    return {
      run: async () => {
        const [x, y] = data[t % data.length];
        t += 1;
        loss?.dispose();
        [params, m, v, loss] = step(params, m, v, ...corrections(adam, t), x.ref, y.ref);
        await blockUntilReady([params, m, v, loss]);
      },
      finish: async () => (await loss.ref.data())[0],
    };
  }

  function once(f, inputs) {
    const compiled = jit(f);
    let result;
    return {
      run: async () => {
        result?.dispose();
        result = compiled(...inputs.map((i) => i.ref));
        await result.blockUntilReady();
      },
      finish: () => Promise.resolve(),
      check: () => result.ref.data(),
    };
  }

  return (work) => makers[work.kind](work);
}
