import { relu, tensor } from '@kindling/core';
import { conv2d, flatten, linear, maxPool2d, sequential } from '@kindling/nn';

/** The network of the work `convolutional`, with its weights. */
export function convolutionalModel({ planes, dense }) {
  const model = sequential(
    ...planes.flatMap(({ inputs, outputs }) => [conv2d(inputs, outputs, 3, { padding: 1 }), relu, maxPool2d(2)]),
    flatten(),
    linear(dense.inputs, dense.outputs),
  );
  const values = [...planes, dense].flatMap(({ weight, bias }) => [weight, bias]);
  const entries = Object.entries(model.stateDict());
  model.loadStateDict(Object.fromEntries(entries.map(([name, { shape }], i) => [name, tensor(values[i], { shape })])));
  return model;
}
