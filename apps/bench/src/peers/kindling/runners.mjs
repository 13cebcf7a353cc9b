import { backward } from '@kindling/autograd';
import { assign, compile, conv2d, keep, parameter, relu, setDefaultBackend, softmax, tensor } from '@kindling/core';
import { crossEntropyLoss } from '@kindling/losses';
import { linear, sequential, transformerEncoderLayer } from '@kindling/nn';
import { adam } from '@kindling/optimizers';

/** What Kindling does for each kind of work on a backend. */
export function kindlingOn(backend) {
  const there = (data, shape) => tensor(data, { shape }).to(backend);

  const makers = {
    perceptron({ layers, batches, batch, inputs, adam: options }) {
      const model = sequential(...layers.flatMap((l, i) => [...(i > 0 ? [relu] : []), linear(l.inputs, l.outputs)]));
      const values = layers.flatMap((l) => [
        tensor(l.weight, { shape: [l.inputs, l.outputs] }).transpose(),
        tensor(l.bias),
      ]);
      const state = Object.keys(model.stateDict());
      model.loadStateDict(Object.fromEntries(state.map((key, i) => [key, values[i]])));
      return training([...model.parameters()], (x) => model.forward(x), options, batches, [batch, inputs]);
    },
    convolutional({ convolutions, linear: last, batches, batch, side, adam: options }) {
      const variables = [
        ...convolutions.flatMap((c) => [
          parameter(tensor(c.weight, { shape: [c.outputs, c.inputs, 3, 3] })),
          parameter(tensor(c.bias)),
        ]),
        parameter(tensor(last.weight, { shape: [last.inputs, last.outputs] })),
        parameter(tensor(last.bias)),
      ];
      const [w1, b1, w2, b2, w3, b3] = variables;
      const pool = (x) => {
        const [n, c, h, w] = x.shape;
        return x.reshape(n, c, h / 2, 2, w / 2, 2).max([3, 5]);
      };
      const forward = (x) => {
        const first = pool(relu(conv2d(x, w1, b1, { padding: 1 })));
        const second = pool(relu(conv2d(first, w2, b2, { padding: 1 })));
        return second.reshape(batch, last.inputs).matmul(w3).add(b3);
      };
      return training(variables, forward, options, batches, [batch, 1, side, side]);
    },
    matmul: ({ n, transposed, a, b }) =>
      once(
        (x, y) => (transposed === 'a' ? x.transpose() : x).matmul(transposed === 'b' ? y.transpose() : y),
        [there(a, [n, n]), there(b, [n, n])],
      ),
    softmax: ({ n, x }) => once((t) => softmax(t, 1), [there(x, [n, n])]),
    chain: ({ x }) => once((t) => relu(t.mul(2.5).add(1)).mul(0.7).sub(t), [there(x, [x.length])]),
    transformer({ layers, head, batches, batch, sequence, width, heads, feedForward, adam: options }) {
      const set = (variable, { data, shape }) => assign(variable, tensor(data, { shape }));
      const encoders = layers.map((given) => {
        const options = { dimFeedforward: feedForward, dropout: 0, batchFirst: true };
        const layer = transformerEncoderLayer(width, heads, options);
        set(layer.selfAttn.inProjWeight, given.inProjWeight);
        set(layer.selfAttn.inProjBias, given.inProjBias);
        set(layer.selfAttn.outProj.weight, given.outProjWeight);
        set(layer.selfAttn.outProj.bias, given.outProjBias);
        for (const part of ['linear1', 'linear2', 'norm1', 'norm2']) {
          set(layer[part].weight, given[`${part}Weight`]);
          set(layer[part].bias, given[`${part}Bias`]);
        }
        return layer;
      });
      const last = linear(width, head.bias.shape[0]);
      set(last.weight, head.weight);
      set(last.bias, head.bias);
      const parameters = [...encoders, last].flatMap((module) => [...module.parameters()]);
      const forward = (x) => last.forward(encoders.reduce((h, layer) => layer.forward(h), x).mean(1));
      return training(parameters, forward, options, batches, [batch, sequence, width]);
    },
    async adds({ count, x, y }) {
      const [first, added] = [await there(x, [x.length]), await there(y, [y.length])];
      let data;
      return {
        run: async () => {
          let z = first;
          for (let i = 0; i < count; i++) z = z.add(added);
          data = await z.data();
        },
        finish: () => Promise.resolve(),
        check: () => data,
      };
    },
    async adamUpdate({ parameter: start, gradient, adam: options }) {
      const p = parameter(tensor(start));
      const optimizer = adam([p], options);
      const g = await there(gradient, [gradient.length]);
      const step = compile((given) => {
        p.grad = given;
        optimizer.step();
        p.grad = undefined;
      });
      return { run: () => step(g), finish: () => backend.finished(), check: () => p.data() };
    },
  };

  async function training(parameters, forward, options, batches, shape) {
    await Promise.all(parameters.map((p) => p.data())); // or they would be where a backend first computes
    const criterion = crossEntropyLoss();
    const optimizer = adam(parameters, options);
    const step = compile((x, y) => {
      optimizer.zeroGrad();
      const loss = criterion(forward(x), y);
      backward(loss);
      optimizer.step();
      return loss;
    });
    const data = await Promise.all(
      batches.map(({ input, labels }) => Promise.all([there(input, shape), there(labels, [labels.length])])),
    );
    let i = 0;
    let loss;
    return {
      run: () => {
        loss = step(...data[i++ % data.length]);
      },
      finish: () => loss.item(),
    };
  }

  /** The result stays on the device, and is given back before the next run. */
  async function once(f, given) {
    const inputs = await Promise.all(given);
    const compiled = compile((...args) => keep(f(...args)));
    let result;
    return {
      run: () => {
        result?.dispose();
        result = compiled(...inputs);
      },
      finish: () => backend.finished(),
      check: () => result.data(),
    };
  }

  return async (work) => {
    setDefaultBackend(backend);
    return { ...(await makers[work.kind](work)), begin: () => setDefaultBackend(backend) };
  };
}
