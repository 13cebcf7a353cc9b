import type { Split, Table } from '@kindling/data';
import type { AnyMetric } from '@kindling/train';
import type { ChosenLoss } from '../choices/chooseLoss.js';
import { progress } from '../console/progress.js';
import { shown } from '../console/numbers.js';
import type { Context } from '../context.js';
import { TrainingFailed } from '../exit.js';
import type { Plan } from './plan.js';
import { runFit } from './runFit.js';
import { score, summary } from './score.js';

export interface FoldScores {
  readonly count: number;
  readonly mean: Readonly<Record<string, number>>;
  readonly std: Readonly<Record<string, number>>;
  readonly scores: readonly Readonly<Record<string, number>>[];
}

/** Trains once a fold, on the rows that are not test rows, and scores each on the rows it has not seen. */
export async function crossValidate(o: {
  readonly context: Context;
  readonly table: Table;
  readonly plan: Plan;
  readonly split: Split;
  readonly folds: number;
  readonly loss: ChosenLoss;
  readonly metrics: readonly AnyMetric[];
  /** The share of rows that stops a training. */
  readonly share: number;
  readonly signal: AbortSignal;
}): Promise<FoldScores> {
  const { context, table, plan, split, folds, loss, metrics: measured, share, signal } = o;
  const rows = [...split.rows.train, ...split.rows.validation];
  const scores: Record<string, number>[] = [];
  const bar = await progress(context.terminal, folds, 'folds');
  try {
    for (const fold of table.folds(folds, { rows, seed: plan.seed })) {
      const { train, validation } = table.splitIndices({ rows: fold.train, validation: share, test: 0, seed: plan.seed }); // prettier-ignore
      const standardizeTarget = loss.factory.outputOf(loss.options) === 'value';
      const part = table.splitRows({ train, validation, test: fold.test }, { standardizeTarget });
      const { model, loss: configured, result } = await runFit(plan, part, { registry: context.registry, signal });
      if (signal.aborted) break;
      if (result.stopped === 'nan')
        throw new TrainingFailed(`fold ${fold.fold + 1}: ${result.problem?.message ?? 'the loss became NaN'}`);
      const { metrics } = await score(model, part.test, configured.output, measured);
      scores.push({ ...metrics });
      bar.update(scores.length, `${measured[0].metricName} ${shown(metrics[measured[0].metricName])}`);
    }
  } finally {
    bar.stop();
  }
  return { count: scores.length, ...summary(scores), scores };
}
