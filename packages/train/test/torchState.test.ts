import { readFileSync } from 'node:fs';
import { beforeAll, expect, it } from 'vitest';
import { backward } from '@kindling/autograd';
import { type GradientOptimizer, type Parameter, type Tensor, tensor } from '@kindling/core';
import { fromTorchState, readSafetensors, toTorchState, writeSafetensors } from '@kindling/formats';
import { mseLoss } from '@kindling/losses';
import { batchNorm1d, embedding, flatten, layerNorm, linear, type Module, sequential, tanh } from '@kindling/nn';
import { adagrad, adam, adamw, rmsprop, sgd } from '@kindling/optimizers';
import { referenceBackend, useBackend } from '@kindling/testkit';

beforeAll(useBackend(referenceBackend));

type State = Record<string, Tensor>;
const part = (state: State, prefix: string): State =>
  Object.fromEntries(Object.entries(state).flatMap(([name, t]) => (name.startsWith(`${prefix}.`) ? [[name.slice(prefix.length + 1), t]] : []))); // prettier-ignore
const saved = (name: string): Promise<State> =>
  readSafetensors(readFileSync(new URL(`goldens/torch-${name}.safetensors`, import.meta.url)));

const build = (): Module =>
  sequential(
    embedding(5, 4),
    flatten(),
    linear(8, 6, { bias: false }),
    batchNorm1d(6),
    tanh,
    layerNorm(6),
    linear(6, 2),
  );
/** The options that are no numbers, which a state does not hold; the others come with it. */
const optimizers: Record<string, (parameters: Parameter[]) => GradientOptimizer> = {
  sgd: (p) => sgd(p, { momentum: 0.1 }),
  adam: (p) => adam(p),
  adamw: (p) => adamw(p, { amsgrad: true }),
  rmsprop: (p) => rmsprop(p, { momentum: 0.1, centered: true }),
  adagrad: (p) => adagrad(p),
};

for (const [name, make] of Object.entries(optimizers)) {
  it(`${name}: ten steps of PyTorch, saved, and ten of ours are PyTorch's twenty`, async () => {
    const file = await saved(name);
    const model = build();
    model.loadStateDict(fromTorchState(part(file, 'model')));
    const optimizer = make(model.parameters());
    optimizer.loadStateDict(fromTorchState(part(file, 'optimizer')));
    const input = tensor(Int32Array.from(await file['input'].data(), Number), { shape: [16, 2] });
    for (let step = 0; step < 10; step++) {
      optimizer.zeroGrad();
      backward(mseLoss()(model.forward(input), file['target']));
      optimizer.step();
    }
    const state = toTorchState(model.stateDict());
    const { '3.num_batches_tracked': _, ...final } = part(file, 'final');
    expect(Object.keys(state).sort()).toEqual(Object.keys(final).sort());
    for (const [key, expected] of Object.entries(final)) {
      const [is, wanted] = [await state[key].data(), await expected.data()];
      const most = Math.max(...Array.from(wanted, (x) => Math.abs(Number(x))));
      for (let i = 0; i < wanted.length; i++)
        expect(Math.abs(is[i] - wanted[i]), `${key}[${i}]`).toBeLessThanOrEqual(
          1e-5 * Math.abs(wanted[i]) + 1e-6 * most,
        );
    }
  });

  it(`${name}: what we save has the names, types, shapes and bytes of PyTorch's file, which PyTorch loads`, async () => {
    const file = await saved(name);
    const model = build();
    model.loadStateDict(fromTorchState(part(file, 'model')));
    const optimizer = make(model.parameters());
    optimizer.loadStateDict(fromTorchState(part(file, 'optimizer')));
    const written = {
      model: await readSafetensors(await writeSafetensors(toTorchState(model.stateDict()))),
      optimizer: await readSafetensors(await writeSafetensors(toTorchState(optimizer.stateDict()))),
    };
    for (const of of ['model', 'optimizer'] as const) {
      const { '3.num_batches_tracked': _, ...theirs } = part(file, of);
      const ours = written[of];
      // SGD of PyTorch counts no steps; what it finds beside its momentum it keeps and ignores
      const extra = name === 'sgd' && of === 'optimizer' ? model.parameters().map((_, i) => `state.${i}.step`) : [];
      expect(Object.keys(ours).sort()).toEqual([...Object.keys(theirs), ...extra].sort());
      for (const [key, t] of Object.entries(theirs)) {
        expect([key, ours[key].dtype, ours[key].shape]).toEqual([key, t.dtype, t.shape]);
        expect(await ours[key].data()).toEqual(await t.data());
      }
    }
  });
}

it('names go there and back; two that would become one are an error', () => {
  const t = tensor(1);
  const torch = { 'encoder.layer_norm.weight': t, 'fc_1.bias': t, 'bn1.running_var': t, '_private.weight': t };
  expect(Object.keys(fromTorchState(torch))).toEqual(['encoder.layerNorm.weight', 'fc_1.bias', 'bn1.runningVar', '_private.weight']); // prettier-ignore
  expect(Object.keys(toTorchState(fromTorchState(torch)))).toEqual(Object.keys(torch));
  expect(() => fromTorchState({ a_b: t, aB: t })).toThrow("fromTorchState: 'a_b' and 'aB' both become 'aB'");
  expect(() => toTorchState({ a_b: t, aB: t })).toThrow("toTorchState: 'a_b' and 'aB' both become 'a_b'");
});
