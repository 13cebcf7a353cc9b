import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { defineSchedule, definePlugin, number, pluginKinds } from '@kindling/core';
import { expect, it } from 'vitest';
import { data, folder, kindling, registryOf } from './harness.js';

const iris = data('iris');
const short = ['train', iris, '--target', 'species', '--epochs', '3', '--patience', '0', '--json'];
/** The settings that the model's folder keeps, and the learning rate of each epoch. */
const trained = async (...flags: string[]): Promise<{ schedule?: object; command: string }> => {
  const cwd = folder();
  const { code, err } = await kindling([...short, '--out', 'm', ...flags], { cwd });
  if (code !== 0) throw new Error(err);
  const { info } = JSON.parse(readFileSync(join(cwd, 'm/model.json'), 'utf8')) as { info: { command: string; settings: { schedule?: object } } }; // prettier-ignore
  return { ...info.settings, command: info.command };
};

it.each([
  ['stepLR', '--schedule.step-size', '1'],
  ['multiStepLR', '--schedule.milestones', '1,2'],
  ['constantLR'],
  ['linearLR', '--schedule.total-iters', '2'],
  ['exponentialLR', '--schedule.gamma', '0.9'],
  ['polynomialLR', '--schedule.power', '2'],
  ['cosineAnnealingLR', '--schedule.t-max', '3', '--schedule.eta-min=1e-5'],
  ['cosineAnnealingWarmRestarts', '--schedule.t0', '2'],
  ['cyclicLR', '--schedule.base-lr', '0.001', '--schedule.max-lr', '0.01', '--schedule.step-size-up', '3'],
  ['oneCycleLR', '--schedule.max-lr', '0.01', '--schedule.total-steps', '12'],
  ['reduceLROnPlateau', '--schedule.patience', '1'],
  ['swaLR', '--schedule.swa-lr', '0.01'],
  ['chainedScheduler', '--schedule.schedules', '[{"name":"constantLR"},{"name":"exponentialLR","gamma":0.9}]'],
  ['sequentialLR', '--schedule.schedules', '[{"name":"linearLR"},{"name":"stepLR","stepSize":1}]', '--schedule.milestones', '2'],
])('%s by name, with its options', async (name, ...flags) => {
  const { schedule } = await trained('--schedule', name, ...flags);
  expect(schedule).toMatchObject({ name });
}); // prettier-ignore

it('a warm-up comes before any schedule, and the command that is kept repeats it', async () => {
  const { schedule, command } = await trained('--warmup', '4', '--schedule', 'oneCycleLR', '--schedule.max-lr', '0.01', '--schedule.total-steps', '20'); // prettier-ignore
  expect(schedule).toEqual({
    name: 'sequentialLR',
    schedules: [{ name: 'linearLR', startFactor: 0.2, totalIters: 4 }, { name: 'oneCycleLR', maxLr: 0.01, totalSteps: 20 }],
    milestones: [4],
    interval: 'step',
  }); // prettier-ignore
  expect(command).toContain('--schedule oneCycleLR --warmup 4');
  expect(command).toContain('--schedule.max-lr 0.01 --schedule.total-steps 20');
  expect((await trained('--warmup', '1')).schedule).toEqual({ name: 'linearLR', startFactor: 0.5, totalIters: 1 });
});

it.each([
  [['--schedule', 'cosineAnealingLR'], /there is no schedule 'cosineAnealingLR'; did you mean 'cosineAnnealingLR'\?/],
  [['--schedule', 'cosineAnnealingLR'], /cosineAnnealingLR: --schedule\.t-max must be given/],
  [['--schedule', 'stepLR', '--schedule.step-size', '0'], /stepLR: --schedule\.step-size must be at least 1, got 0/],
  [['--schedule', 'stepLR', '--schedule.stepsiz', '3'], /stepLR has no option 'stepsiz'; did you mean 'step-size'/],
  [['--schedule', 'lambdaLR'], /'lambdaLR' needs the option 'lrLambda', which can only be given in code/],
  [['--schedule.t-max', '3'], /--schedule\.t-max needs --schedule <name>/],
  [['--schedule', 'cyclicLR', '--schedule.base-lr', '0.1', '--schedule.max-lr', '1', '--optimizer', 'adagrad'], /cyclicLR: the optimizer has no momentum/],
  [['--schedule', 'chainedScheduler', '--schedule.schedules', '[{"name":"stepR"}]'], /there is no schedule 'stepR'; did you mean 'stepLR'/],
  [['--schedule', 'oneCycleLR', '--schedule.max-lr', '1'], /oneCycleLR: give totalSteps, or epochs and stepsPerEpoch/],
])('%s is an error before anything is trained', async (flags, message) => {
  const { code, err } = await kindling([...short, ...flags], { cwd: folder() });
  expect(err).toMatch(message);
  expect(code).toBe(2);
}); // prettier-ignore

it('a stranger publishes one, a configuration names it, and compare uses it', async () => {
  const inverseLR = defineSchedule({
    name: 'inverseLR',
    options: { rate: number({ default: 1, minimum: 0, description: 'how fast it falls' }) },
    required: ['rate'],
    next: ({ baseLr, epoch, options }) => baseLr / (1 + options.rate * epoch),
  });
  const registry = registryOf(definePlugin({ name: '@acme/inverse', contract: 1, provides: [inverseLR] }));
  const listed = await kindling(['plugins', 'inverseLR'], { registry });
  expect(listed.out).toMatch(/Schedules\s+inverseLR {2}after each epoch {2}@acme\/inverse/);
  expect(listed.out).toMatch(/--schedule\.rate +required +≥ 0 +how fast it falls/);
  const kinds = (await kindling(['plugins', '--json'], { registry })).json['plugins'] as { kind: string }[];
  expect(pluginKinds.filter((kind) => kinds.some((k) => k.kind === kind))).toEqual(['loss', 'optimizer', 'schedule', 'metric', 'backend']); // prettier-ignore
  const cwd = folder();
  writeFileSync(join(cwd, 'c.json'), JSON.stringify({ schedule: 'inverseLR', 'schedule.rate': 0.5, warmup: 2 }));
  const printed = await kindling([...short, '--config', 'c.json', '--print-config'], { cwd, registry });
  expect(printed.json).toMatchObject({ schedule: 'inverseLR', 'schedule.rate': 0.5, warmup: 2 });
  const argv = ['compare', iris, '--target', 'species', '--losses', 'crossEntropyLoss', '--optimizers', 'sgd,adam', '--lr', '0.05', '--steps', '20', '--folds', '2', '--json', '--config', 'c.json']; // prettier-ignore
  const compared = await kindling(argv, { cwd, registry });
  expect(compared.err).not.toMatch(/error/);
  expect(compared.json['ranking']).toHaveLength(2);
});
