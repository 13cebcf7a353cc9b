import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import webgpuBackend from '@kindling/webgpu-backend';
import { expect, test } from 'vitest';
import { data, kindling, registryOf } from '../../../packages/cli/test/harness.js';
import { gpuSuite } from './gpuSuite.js';

gpuSuite('--backend webgpu', () => {
  const registry = registryOf(webgpuBackend);
  const run = async (...argv: string[]) => {
    const { code, err, json } = await kindling([...argv, '--json'], { registry });
    expect(err.includes('rror'), err).toBe(false);
    expect(code).toBe(0);
    return json;
  };

  test('trains, evaluates and predicts as the CPU does', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'kindling-gpu-'));
    const results = [];
    for (const backend of ['cpu', 'webgpu']) {
      const model = join(folder, backend);
      const options = ['--target', 'species', '--epochs', '20', '--lr', '0.01', '--backend', backend];
      const trained = await run('train', data('iris'), ...options, '--out', model);
      const evaluated = await run('evaluate', model, data('iris'), '--backend', backend);
      const predicted = await kindling(['predict', model, data('iris'), '--backend', backend], { registry });
      results.push({ trained: trained['accuracy'], evaluated: evaluated['accuracy'], predicted: predicted.out });
    }
    expect(results[0].trained).toBeGreaterThan(0.9);
    expect(results[1]).toEqual(results[0]);
    rmSync(folder, { recursive: true });
  });

  test('compares', async () => {
    const options = ['--target', 'species', '--losses', 'crossEntropyLoss', '--optimizers', 'adam,sgd', '--lr', '0.01', '--steps', '20', '--folds', '2']; // prettier-ignore
    const { ranking } = await run('compare', data('iris'), ...options, '--backend', 'webgpu');
    expect((ranking as { optimizer: string }[]).map((r) => r.optimizer).sort()).toEqual(['adam', 'sgd']);
  });
});
