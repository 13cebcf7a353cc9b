// What a user sees of float32 sums over millions: exact values, known without computing.
import { tensor, variance } from '@kindling/core';
import { useBackend } from '../../testkit/src/index.js';
import { beforeAll, describe, expect, it } from 'vitest';
import { openCpu } from './openCpu.js';

beforeAll(useBackend(() => openCpu().backend));

describe('float32 keeps its digits over long axes', () => {
  it('Σ of 10⁷ × 0.1 within 10⁻⁶', async () => {
    const sum = await tensor(new Float32Array(10_000_000).fill(0.1)).sum().item();
    expect(Math.abs(sum / (Math.fround(0.1) * 10_000_000) - 1)).toBeLessThan(1e-6);
  });

  it('the variance of 1000 ± 1 over 10⁶ within 10⁻⁴', async () => {
    const values = tensor(Float32Array.from({ length: 1_000_000 }, (_, i) => 1000 + (i % 2 === 0 ? 1 : -1)));
    expect(Math.abs((await variance(values, undefined, { correction: 0 }).item()) - 1)).toBeLessThan(1e-4);
    const rows = await variance(values.reshape(4, 250_000), 1, { correction: 0 }).data();
    for (const row of rows) expect(Math.abs(row - 1)).toBeLessThan(1e-4);
  });
});
