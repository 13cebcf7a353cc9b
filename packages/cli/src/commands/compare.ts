import { custom, flag, integer, numeric, text, withDefault, words } from '../settings/setting.js';
import { shared } from '../settings/shared.js';
import { defineCommand, type Request } from './command.js';

type LearningRates = 'default' | 'search' | readonly number[];

export const compareSettings = {
  target: shared.target,
  task: shared.task,
  losses: words('losses', { description: 'losses to compare', placeholder: '<a,b|all>', defaultText: 'the usual ones of the task' }), // prettier-ignore
  optimizers: words('optimizers', {
    description: 'optimizers to compare',
    placeholder: '<a,b|all>',
    defaultText: 'sgd, adam, adamw, rmsprop',
  }),
  lr: withDefault(
    custom<LearningRates>('lr', {
      description: 'learning rates: default, search, or a list',
      placeholder: '<search|default|x,y>',
      parse: (t) => (t === 'default' || t === 'search' ? t : t.split(',').map(numeric)),
      check: (v) => {
        const list = typeof v === 'number' ? [v] : v;
        if (list === 'default' || list === 'search') return list;
        return Array.isArray(list) && list.length > 0 && list.every((x) => typeof x === 'number' && x > 0) ? (list as number[]) : undefined; // prettier-ignore
      },
      what: "'default', 'search' or numbers greater than 0, separated by commas",
    }),
    'search',
  ),
  schedule: shared.schedule,
  warmup: shared.warmup,
  metric: text('metric', { description: 'what ranks', placeholder: '<name>', defaultText: 'accuracy, or rmse' }),
  seeds: custom<readonly number[]>('seeds', {
    description: 'seeds of the repetitions, or how many',
    placeholder: '<n|n,n>',
    parse: (t) => (t.includes(',') ? t.split(',').map(numeric) : numeric(t)),
    check: (v) => {
      if (typeof v === 'number') return Number.isInteger(v) && v >= 1 && v <= 1000 ? Array.from({ length: v }, (_, i) => i) : undefined; // prettier-ignore
      return Array.isArray(v) && v.length > 0 && v.every((x) => Number.isInteger(x) && (x as number) >= 0) ? (v as number[]) : undefined; // prettier-ignore
    },
    what: 'a count from 1, or whole numbers separated by commas',
  }),
  folds: integer('folds', { description: 'folds of the final comparison; 0: none', minimum: 0, maximum: 1000 }),
  steps: integer('steps', { description: 'steps of each run, the same for all', minimum: 1 }),
  timeLimit: custom<number>('time-limit', {
    description: 'cuts steps and repetitions of all alike to stay below it',
    placeholder: '<30s|5m>',
    parse: (t) => {
      const match = /^(\d+(?:\.\d+)?)\s*(s|m|min|h)?$/.exec(t.trim());
      return match === null ? t : Number(match[1]) * { s: 1, m: 60, min: 60, h: 3600 }[(match[2] ?? 's') as 's'];
    },
    check: (v) => (typeof v === 'number' && v > 0 ? v : undefined),
    what: 'a time such as 30s, 5m or 1h',
  }),
  hidden: withDefault(shared.hidden, [32]),
  activation: shared.activation,
  dropout: shared.dropout,
  batchSize: shared.batchSize,
  validation: shared.validation,
  test: shared.test,
  drop: shared.drop,
  dropMissingTarget: shared.dropMissingTarget,
  delimiter: shared.delimiter,
  decimal: shared.decimal,
  seed: shared.seed,
  backend: shared.backend,
  report: text('report', { description: 'write a report with curves there', placeholder: '<file.html>' }),
  out: text('out', { description: 'keep the winner as a model there', placeholder: '<dir>' }),
  force: flag('force', { description: 'overwrite a report or model that is there', transient: true }),
};
export type CompareRequest = Request<typeof compareSettings>;

export const compareCommand = defineCommand<typeof compareSettings>({
  name: 'compare',
  summary: 'Compare losses and optimizers on a table, all under the same conditions.',
  arguments: '<data.csv>',
  argumentHelp: { 'data.csv': 'a table with a header; - reads standard input' },
  settings: compareSettings,
  plugins: ['loss', 'optimizer', 'schedule', 'metric', 'backend'],
  examples: [
    'compare data/iris.csv --target species --report iris.html',
    'compare data/diabetes.csv --target progression --losses mseLoss,huberLoss --optimizers sgd,adam --seeds 3',
    'compare data/penguins.csv --target species --time-limit 20s --json',
  ],
  notes: [
    'All combinations share splits, initial weights, the order of batches, the number of steps and the stopping rule.\n' +
      'Each learning rate is searched on validation rows only; the ranking is by one metric, never by a loss; the test\n' +
      'rows are used once, for the winner. An option such as --optimizer.weight-decay goes to all that have it.',
  ],
  run: async (context, request) => (await import('../run/compare.js')).runCompare(context, request),
});
