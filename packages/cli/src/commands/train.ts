import { usualOut } from '../files/modelFolder.js';
import { flag, integer, number, oneOf, text, withDefault, words } from '../settings/setting.js';
import { shared } from '../settings/shared.js';
import { defineCommand, type Request } from './command.js';

export const trainSettings = {
  target: shared.target,
  task: shared.task,
  loss: text('loss', { description: 'what to minimise', placeholder: '<name>', defaultText: 'the usual one of the task' }), // prettier-ignore
  optimizer: text('optimizer', { description: 'how to minimise it', placeholder: '<name>', defaultText: 'adam' }),
  lr: number('lr', { description: 'learning rate', above: 0, what: 'a number greater than 0', defaultText: "the optimizer's own" }), // prettier-ignore
  schedule: shared.schedule,
  warmup: shared.warmup,
  hidden: withDefault(shared.hidden, [64, 32]),
  activation: shared.activation,
  dropout: shared.dropout,
  epochs: withDefault(shared.epochs, 300),
  batchSize: shared.batchSize,
  patience: withDefault(integer('patience', { description: 'epochs without an improvement on the validation rows before it stops; 0: never', minimum: 0 }), 30), // prettier-ignore
  clipNorm: number('clip-norm', { description: 'scale gradients down to this norm', above: 0, what: 'a number greater than 0' }), // prettier-ignore
  validation: withDefault(shared.validation, 0.15),
  test: shared.test,
  folds: integer('folds', { description: 'cross-validation for the score; the model is then trained on all rows', minimum: 2, maximum: 1000 }), // prettier-ignore
  metric: text('metric', { description: 'what counts: chooses the best epoch and comes first', placeholder: '<name>', defaultText: 'the validation loss chooses' }), // prettier-ignore
  metrics: words('metrics', { description: 'what is measured in the end', placeholder: '<a,b>', defaultText: 'the usual ones of the task' }), // prettier-ignore
  classWeight: oneOf('class-weight', ['balanced'], {
    description: 'let rare classes count as much as frequent ones',
    elsewhere: 'weights of your own are --loss.weight <n,n>',
  }),
  drop: shared.drop,
  dropMissingTarget: shared.dropMissingTarget,
  delimiter: shared.delimiter,
  decimal: shared.decimal,
  seed: shared.seed,
  backend: shared.backend,
  out: text('out', { description: 'folder for the model and its report', placeholder: '<dir>', defaultText: `${usualOut}, or the next free name` }), // prettier-ignore
  force: flag('force', { description: 'overwrite a model that is there', transient: true }),
  resume: flag('resume', { description: 'go on with an interrupted run', transient: true }),
};
export type TrainRequest = Request<typeof trainSettings>;

export const trainCommand = defineCommand<typeof trainSettings>({
  name: 'train',
  summary: 'Train a model on a table and keep it, with a report.',
  arguments: '<data.csv>',
  argumentHelp: { 'data.csv': 'a table with a header; - reads standard input' },
  settings: trainSettings,
  plugins: ['loss', 'optimizer', 'schedule', 'metric', 'backend'],
  examples: [
    'train data/iris.csv --target species',
    'train data/diabetes.csv --target progression --loss huberLoss --loss.delta 0.5 --optimizer adamw --lr 0.003',
    'train data/iris.csv --target species --schedule cosineAnnealingLR --schedule.t-max 300 --warmup 5',
    'train data/penguins.csv --target species --drop island --folds 5 --out penguins --force',
    'train data/iris.csv --target species --json > result.json',
  ],
  notes: [
    'The rows are divided into training, validation and test rows, stratified by the target. Preprocessing is fitted on\n' +
      'the training rows, the best epoch is chosen on the validation rows, and scores come from the test rows.',
    'Ctrl-C keeps a checkpoint in <dir>.checkpoint; the same command with --resume goes on as if nothing had happened.',
  ],
  run: async (context, request) => (await import('../run/train.js')).runTrain(context, request),
});
