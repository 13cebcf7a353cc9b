// What users do wrong most often, and what they are told: the operation, the shapes and values, and what to do.
import { backward, findNonFinite } from '@kindling/autograd';
import {
  assign,
  compile,
  createRegistry,
  keep,
  ones,
  type Parameter,
  parameter,
  setDefaultBackend,
  type Tensor,
  tensor,
  zeros,
} from '@kindling/core';
import { cpu } from '@kindling/cpu-backend';
import { bceLoss, crossEntropyLoss, huberLoss, mseLoss, nllLoss } from '@kindling/losses';
import { linear, relu, sequential } from '@kindling/nn';
import { adam, sgd } from '@kindling/optimizers';
import { useBackend } from '../../testkit/src/index.js';
import { beforeEach, describe, expect, it } from 'vitest';

beforeEach(useBackend(cpu));

/** The message of what `body` throws; fails if it throws nothing, or something that is not meant for users. */
async function messageOf(body: () => unknown): Promise<string> {
  try {
    await body();
  } catch (error) {
    expect(error).toMatchObject({ name: 'KindlingError' });
    return (error as Error).message;
  }
  throw new Error('nothing was thrown');
}
async function expectMessage(body: () => unknown, ...parts: (string | RegExp)[]): Promise<void> {
  const message = await messageOf(body);
  for (const part of parts) expect(message).toMatch(part);
}
const x = (): Tensor => tensor([[1, 2, 3], [4, 5, 6]]); // prettier-ignore
const trained = (): { w: Parameter; loss: Tensor } => {
  const w = parameter(ones([3]));
  return { w, loss: x().matmul(w).sum() };
};

describe('shapes', () => {
  it('matmul names both shapes and the sizes that differ', () =>
    expectMessage(() => x().matmul(x()), 'matmul', '[2, 3] and [2, 3]', '(3)', '(2)'));
  it('arithmetic names the shapes that do not broadcast', () =>
    expectMessage(() => x().add(ones([2])), 'add', '[2, 3]', '[2]'));
  it('reshape counts the elements', () =>
    expectMessage(() => x().reshape(4), 'reshape', '[2, 3]', '6 elements', '[4]'));
  it('a layer of another width', () =>
    expectMessage(() => sequential(linear(4, 8), relu, linear(8, 2)).forward(x()), '4', '[2, 3]'));
  it('a loss of logits and targets that do not fit', async () => {
    await expectMessage(() => crossEntropyLoss()(x(), tensor(Int32Array.of(0, 1, 2))), 'crossEntropyLoss', '[2, 3]', '[3]'); // prettier-ignore
    await expectMessage(() => mseLoss()(x(), ones([2])), 'mseLoss', '[2, 3]', '[2]');
  });
  it('a dimension that does not exist', () => expectMessage(() => x().sum(2), 'sum', '2', '[2, 3]'));
  it('rows of different length', () => expectMessage(() => tensor([[1, 2], [3]]), 'tensor', '2', '1')); // prettier-ignore
  it('item of many elements', () => expectMessage(() => x().item(), 'item', '[2, 3]', '6', 'data()'));
  it('a gradient of more than one number', () => {
    const { w } = trained();
    return expectMessage(() => { backward(x().mul(w)); }, 'backward', '[2, 3]'); // prettier-ignore
  });
});

describe('dtypes', () => {
  it('float class indices', () =>
    expectMessage(() => crossEntropyLoss()(x(), tensor(Float32Array.of(0, 1))), 'crossEntropyLoss', 'float32', "to('int32')")); // prettier-ignore
  it('a fraction as class index', () =>
    expectMessage(() => nllLoss()(x(), tensor([0.5, 1])), 'nllLoss', 'whole number', '0.5'));
  it('int32 and uint32 do not mix', () =>
    expectMessage(() => tensor(Int32Array.of(1)).add(tensor(Uint32Array.of(1))), 'add', 'int32 and uint32', 'cast'));
  it('logic of floats', () => expectMessage(() => x().and(x()), 'and', 'float32', 'compare'));
  it('an index of floats', () => expectMessage(() => x().gather(0, x()), 'gather', 'float32', "to('int32')"));
  it('a dtype that the backend does not have', () =>
    expectMessage(() => x().to('float16').mul(2).data(), 'cpu', 'float16', "to('float32')"));
  it('a parameter of integers', () =>
    expectMessage(() => parameter(tensor(Int32Array.of(1))), 'parameter', 'int32', "to('float32')"));
});

describe('values', () => {
  it('a class index out of range is reported at the next read, once', async () => {
    const loss = crossEntropyLoss()(x(), tensor(Int32Array.of(0, 3)));
    await expectMessage(() => loss.item(), 'out of range', 'number of classes');
    expect(await x().sum().item()).toBe(21);
  });
  it('an index out of range in a training step, too', async () => {
    const w = parameter(zeros([3, 3]));
    const optimizer = sgd([w], { lr: 0.1 });
    const loss = crossEntropyLoss()(x().matmul(w), tensor(Int32Array.of(0, -1)));
    backward(loss);
    optimizer.step();
    await expectMessage(() => loss.item(), 'out of range');
  });
  it('NaN is found in the operation that made it', async () => {
    const loss = (): Tensor => x().sub(2).log().sum();
    expect(await loss().item()).toBeNaN();
    expect(await findNonFinite(loss())).toMatchObject({ op: 'log', found: 'NaN' });
  });
  it('an element of the wrong type', () => expectMessage(() => tensor([1, '2', 3] as never), 'tensor', '2', 'number'));
  it('undefined as an operand', () => expectMessage(() => x().add(undefined as never), 'add', 'undefined', 'tensor'));
  it('a Uint8Array of more than 0 and 1', () =>
    expectMessage(() => tensor(Uint8Array.of(0, 255)), 'bool', '255', 'float32'));
});

describe('gradients', () => {
  it('backward twice', async () => {
    const { w, loss } = trained();
    const optimizer = sgd([w], { lr: 0.1 });
    backward(loss);
    optimizer.step();
    await expectMessage(() => { backward(loss); }, 'backward', 'retainGraph'); // prettier-ignore
  });
  it('backward of something without parameters', () =>
    expectMessage(() => { backward(x().sum()); }, 'backward', /parameter|requires/)); // prettier-ignore
  it('a value that was overwritten', async () => {
    const { w, loss } = trained();
    const prediction = x().matmul(w);
    const optimizer = sgd([w], { lr: 0.1 });
    w.name = 'w';
    backward(loss);
    optimizer.step();
    expect(await loss.item()).toBe(21);
    await expectMessage(() => prediction.data(), 'data', 'w', 'overwritten', 'keep(');
  });
  it('and how to keep it', async () => {
    const { w, loss } = trained();
    const prediction = keep(x().matmul(w));
    backward(loss);
    sgd([w], { lr: 0.1 }).step();
    expect(await prediction.data()).toEqual(Float32Array.of(6, 15));
  });
  it('an optimizer without parameters', () =>
    expectMessage(() => adam([]), 'adam', 'no parameter', 'model.parameters()'));
  it('an optimizer of tensors', () =>
    expectMessage(() => adam([x()] as never), 'adam', 'not a parameter', 'parameter('));
  it('an optimizer of a model', () =>
    expectMessage(() => adam(linear(2, 3) as never), 'adam', 'weight, bias', 'model.parameters()'));
});

describe('compile', () => {
  it('reading inside', () =>
    expectMessage(
      () => compile((t: Tensor) => t.mul(t.sum().itemSync()))(x()),
      'itemSync',
      'compiled function',
      'outside',
    ));
  it('an asynchronous body', () =>
    expectMessage(() => compile((async (t: Tensor) => t.mul(2)) as never)(x()), 'compile', 'asynchronous')); // prettier-ignore
  it('a number from outside that changes', () => {
    let factor = 2;
    const f = compile((t: Tensor) => t.mul(factor));
    f(x());
    factor = 3;
    return expectMessage(() => f(x()), 'compile', '2 became 3', 'as an argument');
  });
  it('a number as result', () =>
    expectMessage(() => compile((t: Tensor) => t.size as never as Tensor)(x()), 'compile', 'number 6', 'tensor'));
});

describe('names and options', () => {
  it('an option that does not exist', () =>
    expectMessage(() => huberLoss({ dleta: 1 } as never), 'huberLoss', 'dleta', "did you mean 'delta'"));
  it('an option out of range', () =>
    expectMessage(() => adam([parameter(zeros([1]))], { lr: -1 }), 'adam', 'lr', '-1', /at least|greater|minimum|≥/));
  it('an option of the wrong type', () =>
    expectMessage(() => crossEntropyLoss({ labelSmoothing: '0.1' } as never), 'crossEntropyLoss', 'labelSmoothing', /number/)); // prettier-ignore
  it('a loss that nobody registered', () =>
    expectMessage(() => createRegistry(huberLoss, bceLoss).loss('huberLos' as never), 'huberLos', "did you mean 'huberLoss'")); // prettier-ignore
});

describe('places', () => {
  it('no backend', async () => {
    setDefaultBackend(undefined);
    await expectMessage(() => x().sum().item(), 'setDefaultBackend', 'await cpu()', '@kindling/cpu-backend');
  });
  it('two backends', async () => {
    const there = await x().to(await cpu({ threads: 1 }));
    const here = await x().to(await cpu({ threads: 3 }));
    await expectMessage(
      () => there.add(here).data(),
      /on 'cpu' \(1 thread\) and on another 'cpu' \(\d threads?\)/,
      'to(backend)',
    );
  });
  it('a tensor as a number', async () => {
    const t = tensor([1]);
    await expectMessage(() => +(t as never as number) < 2, 'item()', 'Tensor([1]');
  });
  it('assigning another shape', () => {
    const { w } = trained();
    w.name = 'head.bias';
    return expectMessage(() => { assign(w, zeros([2])); }, 'assign', '[3]', '[2]'); // prettier-ignore
  });
  it('a closed backend', async () => {
    const backend = await cpu();
    setDefaultBackend(backend);
    await backend.close();
    await expectMessage(() => x().sum().item(), 'cpu', 'closed');
  });
});
