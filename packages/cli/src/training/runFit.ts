import {
  type ConfiguredLoss,
  makeSchedule,
  manualSeed,
  type Model,
  type OpenRegistry,
  type Tensor,
} from '@kindling/core';
import type { Dataset, Split } from '@kindling/data';
import { mlp } from '@kindling/nn';
import { balancedOptions, type CheckpointOptions, type Epoch, fit, type FitResult, headFor, rankingMetric, withHead } from '@kindling/train'; // prettier-ignore
import { metricOf } from '../choices/chooseMetric.js';
import type { Plan } from './plan.js';

export interface FitRun {
  readonly model: Model;
  readonly loss: ConfiguredLoss<Tensor[]>;
  readonly result: FitResult;
}

export interface RunFitOptions {
  readonly registry: OpenRegistry;
  readonly signal?: AbortSignal | undefined;
  readonly checkpoint?: CheckpointOptions | undefined;
  readonly resume?: boolean | undefined;
  readonly onEpoch?: ((epoch: Epoch) => void) | undefined;
}

/** Trains one model by the plan on the parts of a split. The same plan and rows give the same model. */
export async function runFit(
  plan: Plan,
  split: Pick<Split, 'train' | 'validation'>,
  options: RunFitOptions,
): Promise<FitRun> {
  const { registry } = options;
  const { train, validation } = split;
  const loss = configuredLoss(plan, registry, train);
  const head = headFor(loss, train.task, train.classes.length);
  manualSeed(plan.seed);
  const { hidden, activation, dropout } = plan;
  const model = withHead(mlp(train.width, head.outputs, { hidden, activation, dropout }), head);
  const optimizer = registry.optimizer(plan.optimizer.name)(model.parameters(), plan.optimizer.options);
  const stops = validation.rows > 0 && plan.patience > 0;
  const result = await fit(model, train, {
    loss: loss,
    optimizer,
    epochs: plan.epochs,
    batchSize: Math.min(plan.batchSize, train.rows),
    seed: plan.seed,
    target: head.target,
    schedule: plan.schedule && makeSchedule(registry, optimizer, plan.schedule),
    ...(validation.rows > 0
      ? {
          validation,
          metrics: { [plan.metric.name]: rankingMetric(metricOf(registry, plan.metric), train.task) },
          monitor: plan.monitor,
        }
      : {}),
    ...(stops ? { earlyStopping: { patience: plan.patience, restoreBest: true } } : {}),
    clipNorm: plan.clipNorm,
    checkpoint: options.checkpoint,
    resume: options.resume,
    signal: options.signal,
    onEpoch: options.onEpoch,
  });
  return { model, loss, result };
}

/** The plan's loss. Balanced class weights depend on the training rows. */
function configuredLoss(plan: Plan, registry: OpenRegistry, train: Dataset): ConfiguredLoss<Tensor[]> {
  const factory = registry.loss(plan.loss.name);
  const weights = plan.classWeight === 'balanced' ? balancedOptions(factory, train) : {};
  return factory({ ...plan.loss.options, ...weights });
}
