import {
  type Backend,
  type ConfiguredMetric,
  type LossFactory,
  makeSchedule,
  manualSeed,
  type OptimizerFactory,
  type OpenRegistry,
  setDefaultBackend,
} from '@kindling/core';
import { cpu } from '@kindling/cpu-backend';
import { parseCsv } from '@kindling/data';
import { mlp } from '@kindling/nn';
import { evaluate, fit, headFor, loadPipeline, type Pipeline, pipelineFiles, withHead } from '@kindling/train';
import { webgpu } from '@kindling/webgpu-backend';
import type { Reply, Request, TrainRequest } from './protocol.js';
import { registry } from './registry.js';

const open: OpenRegistry = registry; // names come from the page
let abort = new AbortController();
let pipeline: Pipeline | undefined;
let backend: Backend | undefined;

const reply = (message: Reply): void => {
  postMessage(message);
};

addEventListener('message', ({ data }: MessageEvent<Request>) => {
  if (data.kind === 'stop') abort.abort();
  else
    (data.kind === 'train' ? train(data) : predict(data.row)).catch((error: unknown) => {
      const text = error instanceof Error ? error.message : String(error);
      reply(data.kind === 'train' ? { kind: 'error', message: text } : { kind: 'prediction', text, isError: true });
    });
});

async function train(request: TrainRequest): Promise<void> {
  abort = new AbortController();
  pipeline = undefined;
  const before = backend;
  backend = request.gpu ? await webgpu() : await cpu();
  setDefaultBackend(backend);
  await before?.close();
  const table = await parseCsv(request.source.csv, { ...request.source, target: request.target });
  const lossFactory: LossFactory = open.loss(request.loss.name);
  const optimizerFactory: OptimizerFactory = open.optimizer(request.optimizer.name);
  const loss = lossFactory(request.loss.options);
  const head = headFor(loss, table.task, table.classes.length);
  const {
    train: rows,
    validation,
    test,
    preprocessing,
  } = table.split({ validation: 0.15, test: 0.2, seed: request.seed });
  manualSeed(request.seed);
  const model = withHead(mlp(rows.width, head.outputs, { hidden: request.hidden }), head);
  const optimizer = optimizerFactory(model.parameters(), request.optimizer.options);
  const { schedule, metric } = request;
  const metrics = { [metric.name]: () => open.metric(metric.name)(metric.options) as ConfiguredMetric };
  const result = await fit(model, rows, {
    loss: loss,
    optimizer,
    epochs: request.epochs,
    batchSize: request.batchSize,
    seed: request.seed,
    validation,
    metrics,
    earlyStopping: { patience: 20 },
    schedule: schedule && makeSchedule(open, optimizer, { ...schedule.options, name: schedule.name }),
    signal: abort.signal,
    onEpoch: async ({ epoch, loss: value, validationLoss = NaN, metrics: measured }) => {
      reply({ kind: 'epoch', epoch, loss: value, validationLoss, score: measured[metric.name] });
      await new Promise((resolve) => setTimeout(resolve, 0)); // lets the message to stop in
    },
  });
  if (result.problem !== undefined) throw new Error(result.problem.message);
  const scores: Record<string, number> = await evaluate(model, test, { metrics, loss });
  const files = await pipelineFiles({ preprocessing, model, loss: loss });
  const blobs = Object.fromEntries(Object.entries(files).map(([name, content]) => [name, new Blob([content])]));
  pipeline = await loadPipeline(blobs, { registry: open });
  const example = table.row(0);
  reply({
    kind: 'done',
    stopped: result.stopped,
    epochs: result.epochs.length,
    seconds: result.epochs.at(-1)?.seconds ?? 0,
    scores,
    testRows: test.rows,
    features: preprocessing.columns.map(({ name, kind }) => ({ name, kind, example: String(example[name] ?? '') })),
  });
}

async function predict(row: Record<string, string>): Promise<void> {
  if (pipeline === undefined) return;
  const [{ prediction, probabilities }] = (await pipeline.predict([row])) as [
    Awaited<ReturnType<Pipeline['predict']>>[number],
  ];
  const shares = Object.entries(probabilities ?? {}).map(([name, p]) => `${name} ${(100 * p).toFixed(1)} %`);
  const value = typeof prediction === 'number' ? Number(prediction.toPrecision(5)).toString() : prediction;
  reply({ kind: 'prediction', text: shares.length > 0 ? `${value} (${shares.join(', ')})` : value });
}
