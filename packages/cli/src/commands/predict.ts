import { flag } from '../settings/setting.js';
import { shared } from '../settings/shared.js';
import { defineCommand, type Request } from './command.js';

export const predictSettings = {
  proba: flag('proba', { description: 'also the probability of every class' }),
  delimiter: shared.delimiter,
  decimal: shared.decimal,
  backend: shared.backend,
};
export type PredictRequest = Request<typeof predictSettings>;

export const predictCommand = defineCommand<typeof predictSettings>({
  name: 'predict',
  summary: 'Predict the target of new rows.',
  arguments: '<model> [rows.csv]',
  argumentHelp: { model: 'a folder that train wrote', 'rows.csv': 'a table; - or nothing reads standard input' },
  settings: predictSettings,
  plugins: ['backend'],
  examples: ['predict model new.csv', 'predict model new.csv --proba > predictions.csv', 'predict model < new.csv'], // prettier-ignore
  notes: ['Writes CSV with one line for each row, in order: the column prediction, and with --proba one for each class.'], // prettier-ignore
  run: async (context, request) => (await import('../run/predict.js')).runPredict(context, request),
});
