import { describe, expect, it } from 'vitest';
import { nearest, suggestion } from '../src/errors.js';

const optimizers = ['adam', 'adamw', 'adamax', 'sgd', 'rmsprop', 'lbfgs', 'scheduleFreeAdamW'];

describe('nearest', () => {
  it.each([
    ['a letter is missing', 'adm', optimizers, 'adam'],
    ['a letter is too many', 'sgdd', optimizers, 'sgd'],
    ['a letter is wrong', 'rmsprob', optimizers, 'rmsprop'],
    ['two letters are exchanged', 'lbgfs', optimizers, 'lbfgs'],
    ['exchanged at the beginning', 'gsd', optimizers, 'sgd'],
    ['of several, the nearest', 'adamz', optimizers, 'adam'],
    ['case', 'SGD', optimizers, 'sgd'],
    ['another way to join words', 'schedule_free_adamw', optimizers, 'scheduleFreeAdamW'],
    ['a beginning', 'schedule', optimizers, 'scheduleFreeAdamW'],
    ['of several, what it begins with fewest letters more', 'ada', optimizers, 'adam'],
    ['a part', 'entropy', ['mseLoss', 'crossEntropyLoss'], 'crossEntropyLoss'],
    ['a word', 'auc', ['accuracy', 'rocAuc'], 'rocAuc'],
    ['more words', 'f1_score', ['precision', 'f1'], 'f1'],
    ['half a word more', 'output', ['out', 'multioutput'], 'out'],
    ['more words, as a name', 'adamOptimizer', optimizers, 'adam'],
    ['an error before a part', 'beta', ['alphaBetaGamma', 'betas'], 'betas'],
    ['two errors in a long word', 'crosEntropyLos', ['mseLoss', 'crossEntropyLoss'], 'crossEntropyLoss'],
    ['dashes in front', '--epoch', ['--epochs', '--help'], '--epochs'],
  ])('%s: %s', (_what, typed, known, meant) => expect(nearest(typed, known)).toBe(meant));

  it.each([
    ['gpu', ['cpu', 'webgpu']],
    ['all', ['recall', 'accuracy']],
    ['adamology', optimizers],
    ['nope', ['mape', 'hope']],
    ['tpu', ['cpu']],
    ['xy', ['lr', 'eps', 'p']],
    ['foo', ['logLoss', 'f1', 'roc']],
    ['magic', optimizers],
    ['weights', ['reach', 'species']],
    ['', ['a']],
    ['a', []],
  ])('nonsense finds nothing: %s', (typed, known) => expect(nearest(typed, known)).toBeUndefined());
});

it('suggestion names what there is where nothing is near', () => {
  expect(suggestion('gpu', ['cpu'])).toBe('; there are cpu');
  expect(suggestion('rmsprob', optimizers)).toBe("; did you mean 'rmsprop'?");
  expect(suggestion('x', [])).toBe('; there are none');
});
