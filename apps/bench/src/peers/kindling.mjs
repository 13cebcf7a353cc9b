import { readFileSync } from 'node:fs';
import { backward } from '@kindling/autograd';
import { compile, keep, relu, setDefaultBackend, softmax, tensor } from '@kindling/core';
import { cpu } from '@kindling/cpu-backend';
import { crossEntropyLoss } from '@kindling/losses';
import { linear, sequential } from '@kindling/nn';
import { adam } from '@kindling/optimizers';

export async function open({ backend: name, relaxed, threads }) {
  if (name !== 'cpu') throw new Error(`the bench has no backend '${name}' yet; there is cpu`);
  const backend = await cpu({ relaxedSimd: relaxed, threads });
  setDefaultBackend(backend);
  const { version } = JSON.parse(readFileSync(new URL(import.meta.resolve('@kindling/core/package.json')), 'utf8'));
  const there = (data, shape) => tensor(data, { shape }).to(backend);

  const makers = {
    train({ layers, batches, batch, inputs, lr, betas, eps }) {
      const model = sequential(...layers.flatMap((l, i) => [...(i > 0 ? [relu] : []), linear(l.inputs, l.outputs)]));
      const state = Object.entries(model.stateDict());
      const values = layers.flatMap((l) => [
        tensor(l.weight, { shape: [l.inputs, l.outputs] }).transpose(),
        tensor(l.bias),
      ]);
      model.loadStateDict(Object.fromEntries(state.map(([key], i) => [key, values[i]])));
      const criterion = crossEntropyLoss();
      const optimizer = adam(model.parameters(), { lr, betas, eps });
      const step = compile((x, y) => {
        optimizer.zeroGrad();
        const loss = criterion(model.forward(x), y);
        backward(loss);
        optimizer.step();
        return loss;
      });
      const data = batches.map(({ input, labels }) => [there(input, [batch, inputs]), there(labels, [batch])]);
      let i = 0;
      let loss;
      return {
        run: () => {
          loss = step(...data[i++ % data.length]);
        },
        finish: () => loss.item(),
      };
    },
    matmul: ({ n, transposed, a, b }) =>
      once((x, y) => x.matmul(transposed ? y.transpose() : y), [there(a, [n, n]), there(b, [n, n])]),
    softmax: ({ n, x }) => once((t) => softmax(t, 1), [there(x, [n, n])]),
    chain: ({ x }) => once((t) => relu(t.mul(2.5).add(1)).mul(0.7).sub(t), [there(x, [x.length])]),
  };

  /** The result stays on the device, and is given back before the next run. */
  function once(f, inputs) {
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

  return { name: 'Kindling', version, make: (work) => makers[work.kind](work) };
}
