import './style.css';
import 'uplot/dist/uPlot.min.css';
import type { Fields, LossFactory, OptionsSchema, PluginKind, Registered } from '@kindling/core';
import { type DataTask, parseCsv } from '@kindling/data';
import { type AnyMetric, fitsTask, measures } from '@kindling/train';
import { isWebgpuAvailable } from '@kindling/webgpu-backend';
import uPlot from 'uplot';
import breastCancer from '../../../data/breast-cancer.csv?raw';
import cars from '../../../data/cars.csv?raw';
import diabetes from '../../../data/diabetes.csv?raw';
import iris from '../../../data/iris.csv?raw';
import penguins from '../../../data/penguins.csv?raw';
import wine from '../../../data/wine.csv?raw';
import { canAsk } from './optionForm.js';
import { Picker } from './picker.js';
import type { FeatureInput, Reply, Request } from './protocol.js';
import { registry } from './registry.js';

const tables: Record<string, { csv: string; target: string }> = {
  penguins: { csv: penguins, target: 'species' },
  iris: { csv: iris, target: 'species' },
  wine: { csv: wine, target: 'cultivar' },
  'breast cancer': { csv: breastCancer, target: 'diagnosis' },
  cars: { csv: cars, target: 'miles_per_gallon' },
  diabetes: { csv: diabetes, target: 'progression' },
};

function get<T extends HTMLElement>(id: string): T {
  return document.getElementById(id) as T;
}
const table = get<HTMLSelectElement>('table');
const target = get<HTMLSelectElement>('target');
const status = get<HTMLParagraphElement>('status');
/** The registered plugins of a kind that a form can ask for. */
function offered(kind: PluginKind): readonly Registered[] {
  return registry
    .entries()
    .filter(({ provision }) => provision.kind === kind && canAsk(provision.schema as OptionsSchema<Fields>));
}
const losses = offered('loss');
// those that give one number
const metrics = offered('metric').filter(({ provision }) => (provision as AnyMetric).higherIsBetter !== undefined);
const usualMetric: Readonly<Record<DataTask, string>> = { classification: 'accuracy', binary: 'accuracy', regression: 'r2' }; // prettier-ignore
const pickers = {
  loss: new Picker('loss'),
  optimizer: new Picker('optimizer'),
  schedule: new Picker('schedule', 'none: one learning rate'),
  metric: new Picker('metric'),
};

const worker = new Worker(new URL('./worker.ts', import.meta.url), { type: 'module' });
const send = (message: Request): void => {
  worker.postMessage(message);
};

let csv = '';

function say(text: string, isError = false): void {
  status.textContent = text;
  status.classList.toggle('error', isError);
}

function chooseTable(text: string, wanted?: string): void {
  csv = text;
  const header = text.slice(0, text.search(/\r?\n|$/));
  const delimiter = [',', ';', '\t', '|'].sort((a, b) => header.split(b).length - header.split(a).length)[0];
  const columns = header.split(delimiter).map((name) => name.trim().replace(/^"|"$/g, ''));
  target.replaceChildren(...columns.map((name) => new Option(name)));
  target.value = wanted !== undefined && columns.includes(wanted) ? wanted : columns.at(-1)!;
  void chooseTarget();
}

/** Shows what the table is, and offers the losses and metrics that fit its task. */
async function chooseTarget(): Promise<void> {
  try {
    const parsed = await parseCsv(csv, { target: target.value });
    const classes = parsed.classes.length > 0 ? ` of ${parsed.classes.join(', ')}` : '';
    get('summary').textContent = `${parsed.rows} rows, ${parsed.columns.length} features: ${parsed.task}${classes}`;
    const { task } = parsed;
    pickers.loss.offer(losses.filter(({ provision }) => fitsTask(provision as LossFactory, task, parsed.classes.length))); // prettier-ignore
    pickers.metric.offer(metrics.filter(({ provision }) => measures(provision as AnyMetric, task)), usualMetric[task]); // prettier-ignore
    say('Ready.');
  } catch (error) {
    get('summary').textContent = '';
    say(error instanceof Error ? error.message : String(error), true);
  }
}

let chart: uPlot | undefined;
let series: [number[], number[], number[], number[]] = [[], [], [], []];
function resetChart(metric: string): void {
  series = [[], [], [], []];
  const place = get('chart');
  chart?.destroy();
  const ink = getComputedStyle(document.documentElement).color;
  const axis = { stroke: ink, grid: { stroke: '#8883' }, ticks: { stroke: '#8883' } };
  chart = new uPlot(
    {
      width: Math.max(280, place.clientWidth),
      height: 300,
      scales: { x: { time: false } },
      series: [
        { label: 'epoch' },
        { label: 'training loss', stroke: '#ea580c', width: 2 },
        { label: 'validation loss', stroke: '#0284c7', width: 2 },
        { label: metric, stroke: '#16a34a', width: 2, scale: 'metric' },
      ],
      axes: [axis, axis, { ...axis, scale: 'metric', side: 1, grid: { show: false } }],
    },
    series,
    place,
  );
}

function busy(on: boolean): void {
  get<HTMLButtonElement>('train').disabled = on;
  get<HTMLButtonElement>('stop').disabled = !on;
}

function showScores(scores: Record<string, number>): void {
  get('scores').replaceChildren(
    ...Object.entries(scores).map(([name, value]) => {
      const box = document.createElement('div');
      const [dt, dd] = [document.createElement('dt'), document.createElement('dd')];
      dt.textContent = name;
      dd.textContent = value.toFixed(3);
      box.append(dt, dd);
      return box;
    }),
  );
}

function showFeatures(features: readonly FeatureInput[]): void {
  get('predict').hidden = false;
  get('features').replaceChildren(
    ...features.map(({ name, example }) => {
      const label = document.createElement('label');
      const input = document.createElement('input');
      input.name = name;
      input.value = example;
      label.append(name, input);
      return label;
    }),
  );
  predict();
}
function predict(): void {
  const row = Object.fromEntries(new FormData(get<HTMLFormElement>('predict'))) as Record<string, string>;
  send({ kind: 'predict', row });
}

worker.addEventListener('message', ({ data }: MessageEvent<Reply>) => {
  switch (data.kind) {
    case 'epoch':
      series[0].push(data.epoch);
      series[1].push(data.loss);
      series[2].push(data.validationLoss);
      series[3].push(data.score);
      chart?.setData(series);
      say(`Epoch ${data.epoch}: loss ${data.loss.toPrecision(4)}, validation ${data.validationLoss.toPrecision(4)}`);
      break;
    case 'done':
      busy(false);
      say(
        `${data.epochs} epochs in ${data.seconds.toFixed(2)} s (${data.stopped}). On ${data.testRows} rows that it has not seen:`,
      );
      showScores(data.scores);
      showFeatures(data.features);
      break;
    case 'prediction':
      get('prediction').textContent = `→ ${data.text}`;
      break;
    case 'error':
      busy(false);
      say(data.message, true);
  }
});
worker.addEventListener('error', (event) => {
  busy(false);
  say(event.message || 'the worker could not start', true);
});

get('setup').addEventListener('submit', (event) => {
  event.preventDefault();
  const hidden = get<HTMLInputElement>('hidden').value.split(',').map(Number).filter((n) => n > 0); // prettier-ignore
  const [loss, optimizer, metric] = [pickers.loss.picked, pickers.optimizer.picked, pickers.metric.picked];
  if (loss === undefined || optimizer === undefined || metric === undefined) return;
  resetChart(metric.name);
  showScores({});
  get('predict').hidden = true;
  busy(true);
  say('Starting …');
  send({
    kind: 'train',
    csv,
    target: target.value,
    hidden,
    epochs: get<HTMLInputElement>('epochs').valueAsNumber,
    batchSize: get<HTMLInputElement>('batch').valueAsNumber,
    gpu: get<HTMLInputElement>('gpu').checked,
    seed: get<HTMLInputElement>('seed').valueAsNumber,
    loss,
    optimizer,
    schedule: pickers.schedule.picked,
    metric,
  });
});
get('stop').addEventListener('click', () => {
  send({ kind: 'stop' });
});
get('predict').addEventListener('input', predict);
get('predict').addEventListener('submit', (event) => {
  event.preventDefault();
});
table.addEventListener('change', () => {
  const chosen = tables[table.value];
  chooseTable(chosen.csv, chosen.target);
});
get<HTMLInputElement>('file').addEventListener('change', ({ target: input }) => {
  const file = (input as HTMLInputElement).files?.[0];
  if (file !== undefined) void file.text().then((text) => { chooseTable(text); }); // prettier-ignore
});
target.addEventListener('change', () => void chooseTarget());

void isWebgpuAvailable().then((there) => {
  get('gpu').parentElement!.hidden = !there;
});
table.replaceChildren(...Object.keys(tables).map((name) => new Option(name)));
pickers.optimizer.offer(offered('optimizer'), 'adam');
pickers.schedule.offer(offered('schedule'));
chooseTable(tables['penguins'].csv, tables['penguins'].target);
