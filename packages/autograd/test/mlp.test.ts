import { readFileSync } from 'node:fs';
import { assign, commit, logSoftmax, parameter, relu, tensor } from '@kindling/core';
import { referenceBackend, useBackend } from '@kindling/testkit';
import { beforeAll, describe, expect, it } from 'vitest';
import { backward, noGrad } from '../src/index.js';

interface Golden {
  readonly x: number[][];
  readonly target: number[];
  readonly parameters: Record<'w1' | 'b1' | 'w2' | 'b2' | 'w3' | 'b3', number[]>;
  readonly lr: number;
  readonly losses: number[];
  readonly gradients: Record<string, number[]>[];
}
const golden = JSON.parse(readFileSync(new URL('goldens/mlp.golden.json', import.meta.url), 'utf8')) as Golden;

beforeAll(useBackend(referenceBackend));

describe('a small network', () => {
  it.each([
    ['float64', 1e-10, 0],
    ['float32', 1e-5, 1e-6],
  ] as const)('has the losses and gradients of PyTorch over three steps in %s', async (dtype, rtol, scale) => {
    const close = (actual: ArrayLike<number>, expected: number[]): void => {
      const atol = Math.max(1e-12, scale * Math.max(...expected.map(Math.abs)));
      expect(actual.length).toBe(expected.length);
      expected.forEach((x, i) => {
        expect(Math.abs(actual[i] - x)).toBeLessThanOrEqual(atol + rtol * Math.abs(x));
      });
    };
    const entries = Object.entries(golden.parameters).map(([k, v]) => [k, parameter(tensor(v, { dtype }))]);
    const p = Object.fromEntries(entries) as Record<keyof Golden['parameters'], ReturnType<typeof parameter>>;
    const x = tensor(golden.x, { dtype });
    const target = tensor(Int32Array.from(golden.target), { shape: [-1, 1] });
    for (const [step, expected] of golden.losses.entries()) {
      const hidden = relu(x.matmul(p.w1).add(p.b1)).matmul(p.w2).add(p.b2).tanh();
      const logits = hidden.matmul(p.w3).add(p.b3);
      const loss = logSoftmax(logits, 1).gather(1, target).mean().neg();
      backward(loss);
      noGrad(() => {
        for (const v of Object.values(p)) assign(v, v.sub(v.grad!.mul(golden.lr)));
      });
      commit();
      close([await loss.item()], [expected]);
      for (const [name, v] of Object.entries(p)) {
        close(await v.grad!.data(), golden.gradients[step][name]);
        v.grad = undefined;
      }
    }
  });
});
