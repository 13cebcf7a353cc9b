import { defineOptimizer, number } from '@kindling/core';
import { cpu } from '@kindling/cpu-backend';
import { optimizerAdmission, useBackend } from '@kindling/testkit';
import { beforeAll, describe, expect, test } from 'vitest';
import { sgd } from '../src/index.js';
import { admissionSuite, rates } from './admissionSuite.js';

const open = () => cpu();
admissionSuite('the CPU', open);

describe('admission', () => {
  beforeAll(useBackend(open));

  test('one that goes the wrong way, or freezes a number, is not', async () => {
    const wrong = defineOptimizer({
      name: 'wrong',
      options: { lr: number({ default: 1e-3, minimum: 0, description: 'learning rate' }) },
      init: () => ({}),
      scalars: ({ lr }) => ({ lr }),
      update: ({ parameter, gradient, options }) => ({ parameter: parameter.add(gradient.mul(options.lr)), state: {} }),
    });
    const checks = optimizerAdmission(wrong as never, { lr: rates(1e-3, 1e-3, 1e-3, 1e-3) });
    await expect(checks['finds the minimum: softmax regression']()).rejects.toThrow(/compiled something anew|is left/);
    const right = optimizerAdmission(sgd as never, { lr: rates(1e-5, 1e-5, 1e-5, 1e-5) });
    await expect(right['finds the minimum: beale']()).rejects.toThrow(/of the way is left/);
  });
});
