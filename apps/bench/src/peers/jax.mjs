import { readFileSync } from 'node:fs';
import { blockUntilReady, defaultDevice, init, jit, nn, numpy as np, valueAndGrad } from '@jax-js/jax';

// jax-js counts references: `x.ref` where x is used again, and every argument is used up. It starts work only when
// something waits for it (what is disposed of before is never computed), so every run waits for its own.
export async function open() {
  await init('wasm');
  defaultDevice('wasm');
  const entry = new URL(import.meta.resolve('@jax-js/jax'));
  const { version } = JSON.parse(readFileSync(new URL('../package.json', entry), 'utf8'));
  const array = (data, shape) => np.array(data).reshape(shape);

  const makers = {
    train({ layers, batches, batch, inputs, classes, lr, betas: [b1, b2], eps }) {
      const forward = (params, x) => {
        let h = x;
        for (let l = 0; l < layers.length; l++) {
          h = np.matmul(h, params[2 * l]).add(params[2 * l + 1]);
          if (l < layers.length - 1) h = nn.relu(h);
        }
        return h;
      };
      const lossOf = (params, x, y) =>
        nn
          .logSoftmax(forward(params, x), 1)
          .mul(y)
          .sum()
          .mul(-1 / batch);
      const step = jit((params, m, v, c1, c2, x, y) => {
        const [loss, grads] = valueAndGrad(lossOf)(
          params.map((p) => p.ref),
          x,
          y,
        );
        const [nextM, nextV, next] = [[], [], []];
        for (let i = 0; i < params.length; i++) {
          const mi = m[i].mul(b1).add(grads[i].ref.mul(1 - b1));
          const vi = v[i].mul(b2).add(grads[i].ref.mul(grads[i]).mul(1 - b2));
          const update = mi.ref
            .mul(c1.ref)
            .div(np.sqrt(vi.ref.mul(c2.ref)).add(eps))
            .mul(lr);
          next.push(params[i].sub(update));
          nextM.push(mi);
          nextV.push(vi);
        }
        c1.dispose();
        c2.dispose();
        return [next, nextM, nextV, loss];
      });
      let params = layers.flatMap((l) => [array(l.weight, [l.inputs, l.outputs]), np.array(l.bias)]);
      let m = params.map((p) => np.zeros(p.shape));
      let v = params.map((p) => np.zeros(p.shape));
      const data = batches.map(({ input, labels }) => {
        const oneHot = new Float32Array(batch * classes);
        labels.forEach((label, row) => (oneHot[row * classes + label] = 1));
        return [array(input, [batch, inputs]), array(oneHot, [batch, classes])];
      });
      let t = 0;
      let loss;
      return {
        run: async () => {
          const [x, y] = data[t % data.length];
          t += 1;
          loss?.dispose();
          [params, m, v, loss] = step(params, m, v, np.array(1 / (1 - b1 ** t)), np.array(1 / (1 - b2 ** t)), x.ref, y.ref); // prettier-ignore
          await blockUntilReady([params, m, v, loss]);
        },
        finish: async () => (await loss.ref.data())[0],
      };
    },
    matmul: ({ n, transposed, a, b }) =>
      once((x, y) => np.matmul(x, transposed ? np.transpose(y) : y), [array(a, [n, n]), array(b, [n, n])]),
    softmax: ({ n, x }) => once((t) => nn.softmax(t, 1), [array(x, [n, n])]),
    chain: ({ x }) => once((t) => nn.relu(t.ref.mul(2.5).add(1)).mul(0.7).sub(t), [np.array(x)]),
  };

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

  return { name: 'jax-js jit', version, make: (work) => makers[work.kind](work) };
}
