import type { Split, Table } from '@kindling/data';
import type { FitResult, Importance } from '@kindling/train';
import { duration, plural, shown } from '../console/numbers.js';
import { printable, table as grid } from '../console/table.js';
import type { Terminal } from '../console/terminal.js';
import type { Context } from '../context.js';
import type { OutputPlace } from '../files/modelFolder.js';
import type { FoldScores } from './crossValidate.js';
import type { Plan } from './plan.js';
import type { Outcomes } from './score.js';

/** Everything that is known after training: what the terminal, the report, the JSON and the model folder draw from. */
export interface TrainOutcome {
  readonly context: Context;
  /** The data's name, as given. */
  readonly data: string;
  readonly fingerprint: string;
  readonly table: Table;
  readonly split: Split;
  readonly plan: Plan;
  readonly lr: number;
  readonly parameters: number;
  readonly result: FitResult;
  /** Which rows the metrics come from. */
  readonly heldOut: 'test' | 'validation' | 'training' | 'folds';
  readonly metrics: Readonly<Record<string, number>>;
  readonly outcomes: Outcomes;
  readonly importance: readonly Importance[];
  readonly cross: FoldScores | undefined;
  readonly seconds: number;
  readonly place: OutputPlace;
  /** The command to run it again. */
  readonly command: string;
  /** The one that most want next. */
  readonly onward: string;
}

export const heldOutText = {
  test: 'on the test rows, which training did not see',
  validation: 'on the validation rows, which also chose the best epoch: somewhat too good (--test holds rows out)',
  training: 'on the training rows themselves: much too good (--test holds rows out)',
  folds: 'over the folds, each on rows that its training did not see',
} as const;

/** The outcome for people. */
export function describeRun(terminal: Terminal, o: TrainOutcome): void {
  const { bold, dim, green } = terminal.colors;
  const { result, metrics, cross, plan, importance, place } = o;
  const early = { early: 'stopped early', finished: 'all epochs', aborted: 'stopped', nan: 'failed' }[result.stopped];
  terminal.say(
    `${green('✓')} trained in ${duration(o.seconds)}: ${plural(result.epochs.length, 'epoch')} (${early}), best epoch ${result.best.epoch}`,
  );
  terminal.say(`\n${bold('Scores')} ${dim(heldOutText[o.heldOut])}`);
  const folds = o.heldOut === 'folds' ? cross : undefined;
  const rows = Object.entries(metrics).map(([name, value]) => [name, `${shown(value)}${folds === undefined ? '' : ` ± ${shown(folds.std[name] ?? 0, 2)}`}`]); // prettier-ignore
  terminal.say(grid([{ title: 'metric' }, { title: 'value', align: 'right' }], rows, dim));
  if (cross !== undefined && folds === undefined) {
    terminal.say(`\n${bold('Cross-validation')} ${dim(`${cross.count} folds, mean ± standard deviation`)}`);
    const lines = Object.entries(cross.mean).map(([name, value]) => [name, `${shown(value)} ± ${shown(cross.std[name] ?? 0, 2)}`]); // prettier-ignore
    terminal.say(grid([{ title: 'metric' }, { title: 'value', align: 'right' }], lines, dim));
  }
  const [first, ...others] = importance.slice(0, 3).filter((i) => i.importance > 0).map((i) => printable(i.name)); // prettier-ignore
  if (first !== undefined) terminal.say(`\nMost important: ${[first, ...others].join(', ')}`);
  if (result.stopped === 'finished' && result.best.epoch === result.epochs.length && plan.patience > 0)
    terminal.note(`${dim('hint:')} it was still improving at the last epoch; try more --epochs or a larger --lr`);
  terminal.say(`\nModel   ${printable(place.shown)}\nReport  ${printable(place.shown)}/report.html`);
  terminal.say(dim(`Next    ${printable(o.onward)}`));
}

/** What the model folder keeps of the run. */
export function infoOf(o: TrainOutcome): Record<string, unknown> {
  const { command, data, fingerprint, plan, split, heldOut, result, context } = o;
  return {
    command,
    data: { file: data, sha256: fingerprint },
    rows: rowsOf(split),
    settings: plan,
    scoresFrom: heldOut,
    epochs: result.epochs.length,
    bestEpoch: result.best.epoch,
    packages: context.packages,
    node: process.version,
  };
}

/** The object of `--json`. */
export function jsonOf(o: TrainOutcome): Record<string, unknown> {
  const { table, plan, split, heldOut, metrics, result, place, cross, seconds, importance, lr } = o;
  return {
    command: 'train',
    task: table.task,
    target: table.target.name,
    ...(table.classes.length > 0 ? { classes: table.classes } : {}),
    loss: plan.loss.name,
    optimizer: plan.optimizer.name,
    ...(plan.schedule === undefined ? {} : { schedule: plan.schedule.name }),
    lr,
    seed: plan.seed,
    rows: rowsOf(split),
    heldOut,
    ...metrics,
    ...(cross === undefined ? {} : { folds: cross }),
    epochs: result.epochs.length,
    bestEpoch: result.best.epoch,
    stopped: result.stopped,
    seconds,
    importance: Object.fromEntries(importance.map((i) => [i.name, i.importance])),
    model: place.shown,
    report: `${place.shown}/report.html`,
  };
}

function rowsOf(split: Split): Record<string, number> {
  return { training: split.train.rows, validation: split.validation.rows, test: split.test.rows };
}
