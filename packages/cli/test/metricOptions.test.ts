import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { data, folder, kindling } from './harness.js';

const breast = data('breast-cancer');
const short = ['train', breast, '--target', 'diagnosis', '--epochs', '2', '--patience', '0', '--json'];
const run = async (...argv: string[]) => {
  const cwd = folder();
  const ran = await kindling([...argv, ...(argv[0] === 'train' ? ['--out', 'm'] : [])], { cwd });
  if (ran.code !== 0) throw new Error(ran.err);
  return { ...ran, cwd };
};

describe('--metric.<option>', () => {
  it('goes to all metrics that have it, in training and in evaluate', async () => {
    const flags = ['--metrics', 'fBeta,precision,recall', '--metric.average', 'binary', '--metric.beta', '2'];
    const { json, cwd } = await run(...short, ...flags);
    const f2 = ({ precision: p, recall: r }: Record<string, unknown>): number => (5 * (p as number) * (r as number)) / (4 * (p as number) + (r as number)); // prettier-ignore
    expect(json['fBeta']).toBeCloseTo(f2(json), 12);
    expect(json['precision']).not.toBe(json['recall']);
    const { json: again, code } = await kindling(['evaluate', 'm', breast, ...flags, '--json'], { cwd });
    expect(code).toBe(0);
    expect(again['fBeta']).toBeCloseTo(f2(again), 12);
  });

  it('of the metric that chooses the best epoch is kept with the model', async () => {
    const { cwd } = await run(...short, '--metric', 'fBeta', '--metric.beta', '0.5');
    const { info } = JSON.parse(readFileSync(join(cwd, 'm/model.json'), 'utf8')) as { info: { command: string; settings: object } }; // prettier-ignore
    expect(info.settings).toMatchObject({ monitor: 'fBeta', metric: { name: 'fBeta', options: { beta: 0.5 } } });
    expect(info.command).toContain('--metric fBeta');
    expect(info.command).toContain('--metric.beta 0.5');
  });

  it('of the metric that ranks a comparison', async () => {
    const cwd = folder();
    const argv = ['compare', breast, '--target', 'diagnosis', '--metric', 'fBeta', '--optimizers', 'sgd', '--losses', 'bceWithLogitsLoss', '--steps', '3', '--seeds', '1', '--folds', '0', '--lr', '0.1', '--json']; // prettier-ignore
    const scoreWith = async (beta: string) => {
      const { json, err, code } = await kindling([...argv, '--metric.average', 'binary', '--metric.beta', beta], { cwd }); // prettier-ignore
      if (code !== 0) throw new Error(err);
      return JSON.stringify(json['ranking']);
    };
    expect(await scoreWith('0')).not.toBe(await scoreWith('10'));
  });

  it.each([
    [[...short, '--metric', 'fBeta', '--metric.beta', '-1'], /fBeta: --metric\.beta must be at least 0, got -1/],
    [[...short, '--metric.beta', '2'], /--metric\.beta: none of accuracy, f1.* has the option 'beta'/],
    [[...short, '--metrics', 'fBeta', '--metric.bta', '2'], /fBeta has no option 'bta'; did you mean 'beta'\?/],
    [['compare', breast, '--target', 'diagnosis', '--metric.beta', '2'], /--metric\.beta needs --metric <name>/],
  ])('%j is refused', async (argv, message) => {
    const { code, err } = await kindling(argv, { cwd: folder() });
    expect(code).toBe(2);
    expect(err).toMatch(message);
  });
});
