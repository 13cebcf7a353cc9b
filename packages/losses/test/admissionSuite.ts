import type { Backend } from '@kindling/core';
import { lossAdmission, type LossAdmissionOptions } from '@kindling/testkit';
import { describe, test } from 'vitest';
import plugin from '../src/index.js';
import { trials } from './trials.js';

/** Every loss of the package is admitted, on a backend. */
export function admissionSuite(
  backendName: string,
  open: () => Promise<Backend>,
  options: Omit<LossAdmissionOptions, 'trials'> = {},
): void {
  describe(`losses are admitted on ${backendName}`, () => {
    for (const { name, run } of lossAdmission(backendName, open, plugin, { trials, ...options })) test(name, run);
  });
}
