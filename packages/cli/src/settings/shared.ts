import type { ReadOptions } from '@kindling/data';
import { usualBackend } from '../choices/withBackend.js';
import { custom, flag, integer, number, numbers, oneOf, type Setting, text, withDefault, words } from './setting.js';

type Delimiter = NonNullable<ReadOptions['delimiter']>;
type Decimal = NonNullable<ReadOptions['decimal']>;

const delimiters: Readonly<Record<string, Delimiter>> = {
  comma: ',', semicolon: ';', tab: '\t', '\\t': '\t', pipe: '|', ',': ',', ';': ';', '\t': '\t', '|': '|',
}; // prettier-ignore

const decimals: Readonly<Record<string, Decimal>> = { comma: ',', point: '.', ',': ',', '.': '.' };

/** One of some signs, or its name. */
function sign<T extends string>(
  name: string,
  signs: Readonly<Record<string, T>>,
  texts: { readonly description: string; readonly defaultText: string; readonly what: string },
): Setting<T> {
  return custom<T>(name, {
    ...texts,
    placeholder: '<sign>',
    parse: String,
    check: (v) => (typeof v === 'string' && Object.hasOwn(signs, v) ? signs[v] : undefined),
  });
}

/** The words of a command that reads a table like the one read with `decimal`. */
export function decimalWords(decimal: Decimal | undefined): readonly string[] {
  return decimal === ',' ? ['--decimal', 'comma'] : [];
}

const activations = ['relu', 'tanh', 'sigmoid', 'gelu', 'silu', 'leakyRelu', 'elu', 'selu'] as const;

/** Settings that several commands have, with one meaning. */
export const shared = {
  target: text('target', { description: 'the column to predict', placeholder: '<column>' }),
  task: oneOf('task', ['classification', 'binary', 'regression'], { description: 'what to predict', defaultText: 'found out from the target' }), // prettier-ignore
  drop: words('drop', { description: 'columns to leave out' }),
  dropMissingTarget: flag('drop-missing-target', { description: 'leave rows out whose target is NaN or infinite; empty ones are left out anyway' }), // prettier-ignore
  delimiter: sign('delimiter', delimiters, {
    description: 'what separates the cells',
    defaultText: 'found out',
    what: 'a comma, semicolon, tab or | (or their names: comma, semicolon, tab, pipe)',
  }),
  decimal: sign('decimal', decimals, {
    description: 'the decimal sign of numbers',
    defaultText: 'point',
    what: 'a comma or a point (or their names: comma, point)',
  }),
  schedule: text('schedule', { description: 'how the learning rate moves', placeholder: '<name>', defaultText: 'it stays' }), // prettier-ignore
  warmup: integer('warmup', { description: "epochs (or steps, where the schedule counts them) in which the learning rate rises to its value", minimum: 1, maximum: 1_000_000 }), // prettier-ignore
  hidden: numbers('hidden', {
    description: "widths of the hidden layers; '' for a linear model",
    each: (x) => Number.isInteger(x) && x >= 1 && x <= 65536,
    what: 'whole numbers from 1 to 65536, separated by commas',
    empty: true,
  }),
  activation: withDefault(oneOf('activation', activations, { description: 'after each hidden layer' }), 'relu'),
  dropout: withDefault(number('dropout', { description: 'share of hidden values dropped in training', minimum: 0, below: 1, what: 'a number from 0 up to, not including, 1' }), 0), // prettier-ignore
  epochs: integer('epochs', { description: 'most passes over the training rows', minimum: 1, maximum: 1_000_000 }),
  batchSize: withDefault(integer('batch-size', { description: 'rows of a step', minimum: 1, maximum: 2 ** 24 }), 32),
  validation: number('validation', { description: 'share of rows that decides when to stop', minimum: 0, below: 1, what: 'a share from 0 up to, not including, 1' }), // prettier-ignore
  test: withDefault(number('test', { description: 'share of rows held out for the final score', minimum: 0, below: 1, what: 'a share from 0 up to, not including, 1' }), 0.2), // prettier-ignore
  seed: withDefault(integer('seed', { description: 'seed of the split, the weights and the order', minimum: 0, maximum: 2 ** 32 - 1 }), 0), // prettier-ignore
  backend: withDefault(
    text('backend', {
      description: 'where to compute: cpu, or webgpu for the GPU (in Node after `npm install webgpu`)',
      placeholder: '<name>',
    }),
    usualBackend,
  ),
};
