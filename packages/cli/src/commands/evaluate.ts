import { text, words } from '../settings/setting.js';
import { shared } from '../settings/shared.js';
import { defineCommand, type Request } from './command.js';

export const evaluateSettings = {
  metric: text('metric', { description: 'comes first', placeholder: '<name>' }),
  metrics: words('metrics', { description: 'what is measured', placeholder: '<a,b>', defaultText: 'the usual ones of the task' }), // prettier-ignore
  delimiter: shared.delimiter,
  decimal: shared.decimal,
  backend: shared.backend,
};
export type EvaluateRequest = Request<typeof evaluateSettings>;

export const evaluateCommand = defineCommand<typeof evaluateSettings>({
  name: 'evaluate',
  summary: 'Measure a model on rows whose target is known.',
  arguments: '<model> <data.csv>',
  argumentHelp: { model: 'a folder that train wrote', 'data.csv': 'a table with the target; - reads standard input' },
  settings: evaluateSettings,
  plugins: ['metric', 'backend'],
  examples: [
    'evaluate model new.csv',
    'evaluate model new.csv --metrics fBeta --metric.beta 2',
    'evaluate model new.csv --metrics matthewsCorrCoef,rocCurve --json',
  ],
  run: async (context, request) => (await import('../run/evaluate.js')).runEvaluate(context, request),
});
