import { expect, it } from 'vitest';
import { data, folder, kindling } from './harness.js';

// with default settings, the mean over seeds 0–4 on rows that training did not see
it.each([
  ['iris', 'species', 'accuracy', 0.94],
  ['penguins', 'species', 'accuracy', 0.97],
  ['diabetes', 'progression', 'r2', 0.4],
  ['cars', 'miles_per_gallon', 'r2', 0.8],
])('%s: %s reaches a mean %s of %d', { timeout: 120_000 }, async (name, target, metric, least) => {
  const scores: number[] = [];
  for (const seed of ['0', '1', '2', '3', '4']) {
    const { code, json } = await kindling(['train', data(name), '--target', target, '--seed', seed, '--json'], { cwd: folder() }); // prettier-ignore
    expect(code).toBe(0);
    expect(json['heldOut']).toBe('test');
    scores.push(json[metric] as number);
  }
  expect(scores.reduce((a, b) => a + b) / scores.length).toBeGreaterThanOrEqual(least);
});
