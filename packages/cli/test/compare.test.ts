import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { data, folder, kindling } from './harness.js';

const quick = ['--steps', '30', '--folds', '2', '--lr', 'default'];
const iris = ['compare', data('iris'), '--target', 'species', ...quick];

describe('compare', () => {
  it('ranks, with intervals, ties and the baseline', async () => {
    const cwd = folder();
    const { code, out, err } = await kindling([...iris, '--losses', 'crossEntropyLoss,nllLoss', '--optimizers', 'adam,sgd'], { cwd }); // prettier-ignore
    expect(code).toBe(0);
    expect(out).toMatch(/Ranking by accuracy \(more is better\)/);
    expect(out).toMatch(/1 +\w+ +adam +0\.001 +0\.\d+ +0?\.?\d+.* … /);
    expect(out).toMatch(/baseline \(always the most frequent class\): 0\.3/);
    expect(out).toMatch(/Winner \w+ with adam, lr 0\.001: accuracy .* on 30 test rows/);
    expect(err).toMatch(/150 rows; 2 losses × 2 optimizers/);
    expect(readdirSync(cwd)).toEqual([]);
  });

  it('takes all losses that fit and all optimizers, and writes one object with --json', async () => {
    const { json } = await kindling([...iris, '--json'], { cwd: folder() });
    const ranking = json['ranking'] as { loss: string; optimizer: string; mean: number; interval: number[] }[];
    expect(new Set(ranking.map((r) => r.loss))).toEqual(new Set(['crossEntropyLoss', 'nllLoss', 'sparseCategoricalCrossEntropy', 'categoricalCrossEntropy'])); // prettier-ignore
    expect(new Set(ranking.map((r) => r.optimizer))).toEqual(new Set(['sgd', 'adam', 'adamw', 'rmsprop']));
    expect(json).toMatchObject({ task: 'classification', metric: 'accuracy', higherIsBetter: true, budget: { steps: 30, folds: 2 } }); // prettier-ignore
    expect(json['winner']).toMatchObject({ lr: 0.01 });
    expect(json).not.toHaveProperty(['winner', 'model']);
  });

  it('writes a report of its own, with the curves inside', async () => {
    const cwd = folder();
    await kindling(['compare', data('diabetes'), '--target', 'progression', '--losses', 'mseLoss', '--optimizers', 'adam,rmsprop', '--lr', '0.001,0.01', '--steps', '30', '--folds', '2', '--report', 'r.html'], { cwd }); // prettier-ignore
    const page = readFileSync(join(cwd, 'r.html'), 'utf8');
    expect(page).toMatch(/<h2>Ranking<\/h2>/);
    expect(page).toMatch(/<h2>How much the learning rate matters<\/h2>/);
    expect(page).toMatch(/id="c-lr-data"/);
    expect(page).toMatch(/kindling compare .*--lr 0\.001,0\.01/);
    expect(readdirSync(cwd)).toEqual(['r.html']);
  });

  it('keeps the winner as a model', async () => {
    const cwd = folder();
    const { json } = await kindling([...iris, '--losses', 'crossEntropyLoss', '--optimizers', 'adam', '--out', 'm', '--json'], { cwd }); // prettier-ignore
    expect(json['model']).toBe('m');
    const scored = await kindling(['evaluate', 'm', data('iris'), '--json'], { cwd });
    expect(scored.code).toBe(0);
    expect(existsSync(join(cwd, 'm.checkpoint'))).toBe(false);
  });

  it('gives shared options to all that have them', async () => {
    const { json } = await kindling([...iris, '--losses', 'crossEntropyLoss,nllLoss', '--loss.label-smoothing', '0.1', '--optimizers', 'sgd', '--optimizer.momentum', '0.9', '--lr', '0.1', '--json'], { cwd: folder() }); // prettier-ignore
    expect((json['ranking'] as { mean: number }[])[0].mean).toBeGreaterThan(0.8);
  });

  it('says what diverged, and what its optimizer would be steadier with', async () => {
    const { err } = await kindling(['compare', data('penguins'), '--target', 'species', ...quick, '--losses', 'crossEntropyLoss', '--optimizers', 'lbfgs', '--lr', '100'], { cwd: folder() }); // prettier-ignore
    expect(err).toMatch(/crossEntropyLoss with lbfgs diverged in \d of 2 runs, .*; lbfgs is steadier with --optimizer\.line-search-fn strong_wolfe$/m); // prettier-ignore
  });

  it('knows no ties from one run each, and says so', async () => {
    const single = [...iris.slice(0, 4), '--steps', '30', '--folds', '0', '--seeds', '1', '--lr', 'default', '--losses', 'crossEntropyLoss', '--optimizers', 'adam,sgd']; // prettier-ignore
    const { out } = await kindling(single, { cwd: folder() });
    expect(out).not.toMatch(/^ +\d =|may be chance/m);
    expect(out).toMatch(/one run each does not tell .* chance; --seeds 3 makes three/);
    expect(out).not.toMatch(/NaN/);
    const { json } = await kindling([...single, '--json'], { cwd: folder() });
    expect((json['ranking'] as object[])[1]).not.toHaveProperty('tiedWithBest');
  });

  it('says what a time limit cut, the same for all', async () => {
    const { code, err } = await kindling(['compare', data('digits'), '--target', targetOf('digits'), '--losses', 'crossEntropyLoss', '--optimizers', 'adam,sgd', '--time-limit', '1s'], { cwd: folder() }); // prettier-ignore
    expect(code).toBe(0);
    expect(err).toMatch(/note: .*(steps|runs|repetition)/);
  });

  it('Ctrl-C ends it with 130 and writes nothing', async () => {
    const cwd = folder();
    const { code, err } = await kindling(['compare', data('digits'), '--target', targetOf('digits'), '--report', 'r.html'], { cwd, interrupts: (listener) => (setTimeout(listener, 300), () => {}) }); // prettier-ignore
    expect(code).toBe(130);
    expect(err).toMatch(/stopped; nothing was written/);
    expect(readdirSync(cwd)).toEqual([]);
  });
});

function targetOf(name: string): string {
  return readFileSync(data(name), 'utf8').split('\n')[0].trim().split(',').at(-1)!;
}
