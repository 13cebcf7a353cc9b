import { KindlingError, suggestion } from '@kindling/core';
import { accuracy, accuracyScore } from './accuracy.js';
import { f1, f1Score } from './f1.js';
import { logLoss } from './logLoss.js';
import { mae, maeScore } from './mae.js';
import type { Metric } from './metric.js';
import { mse, mseScore } from './mse.js';
import { precision, precisionScore } from './precision.js';
import { r2, r2Score } from './r2.js';
import { recall, recallScore } from './recall.js';
import { rmse, rmseScore } from './rmse.js';
import { rocAuc } from './rocAuc.js';

/** What a metric can measure. */
export type MetricTask = 'classification' | 'binary' | 'regression';

/** What is known of a metric that can be asked for by name. */
export interface MetricInfo {
  readonly name: string;
  readonly higherIsBetter: boolean;
  /** The least and the greatest value that it can have. */
  readonly range: readonly [least: number, greatest: number];
  /** The tasks that it measures. */
  readonly tasks: readonly MetricTask[];
  /** A fresh metric of logits or values. */
  readonly create: () => Metric;
  /** The same of predicted classes or values, where these are enough: not for `rocAuc` and `logLoss`. */
  readonly score?: (predicted: ArrayLike<number>, actual: ArrayLike<number>) => number;
}

const CLASSES = ['classification', 'binary'] as const;
const NUMBERS = ['regression'] as const;
const SHARE = [0, 1] as const;
const DISTANCE = [0, Infinity] as const;

/** Every metric of one number, by the name it has on the command line and in reports. */
export const metricByName: Readonly<Record<string, MetricInfo>> = {
  accuracy: {
    name: 'accuracy',
    higherIsBetter: true,
    range: SHARE,
    tasks: CLASSES,
    create: accuracy,
    score: accuracyScore,
  },
  precision: {
    name: 'precision',
    higherIsBetter: true,
    range: SHARE,
    tasks: CLASSES,
    create: precision,
    score: precisionScore,
  },
  recall: { name: 'recall', higherIsBetter: true, range: SHARE, tasks: CLASSES, create: recall, score: recallScore },
  f1: { name: 'f1', higherIsBetter: true, range: SHARE, tasks: CLASSES, create: f1, score: f1Score },
  rocAuc: { name: 'rocAuc', higherIsBetter: true, range: SHARE, tasks: ['binary'], create: rocAuc },
  logLoss: { name: 'logLoss', higherIsBetter: false, range: DISTANCE, tasks: CLASSES, create: logLoss },
  mae: { name: 'mae', higherIsBetter: false, range: DISTANCE, tasks: NUMBERS, create: mae, score: maeScore },
  mse: { name: 'mse', higherIsBetter: false, range: DISTANCE, tasks: NUMBERS, create: mse, score: mseScore },
  rmse: { name: 'rmse', higherIsBetter: false, range: DISTANCE, tasks: NUMBERS, create: rmse, score: rmseScore },
  r2: { name: 'r2', higherIsBetter: true, range: [-Infinity, 1], tasks: NUMBERS, create: r2, score: r2Score },
};

/** The metric of a name. Throws a KindlingError that names the nearest if there is none, or that it does not fit `task`. */
export function metricNamed(name: string, task?: MetricTask): MetricInfo {
  const fitting = Object.values(metricByName).filter(({ tasks }) => task === undefined || tasks.includes(task));
  const names = fitting.map((info) => info.name);
  const found = Object.hasOwn(metricByName, name) ? metricByName[name] : undefined;
  if (found === undefined) throw new KindlingError(`There is no metric '${name}'${suggestion(name, names)}`);
  if (!fitting.includes(found))
    throw new KindlingError(`Metric '${name}' does not measure ${task}; use one of ${names.join(', ')}.`);
  return found;
}
