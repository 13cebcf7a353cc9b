import './style.css';
import 'uplot/dist/uPlot.min.css';
import type { Fields, LossFactory, OptionsSchema, PluginKind, Registered } from '@kindling/core';
import { type DataTask, parseCsv, parseRows } from '@kindling/data';
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
import type { FeatureInput, Reply, Request, Source } from './protocol.js';
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

/** What is picked: one of the tables, or a file. */
let source: Source;
let own: File | undefined;
/** Whether a model trains, and whether the table can be learned from. */
let [running, usable] = [false, false];

function say(text: string, isError = false): void {
  status.textContent = text;
  status.classList.toggle('error', isError);
}

function buttons(): void {
  get<HTMLButtonElement>('train').disabled = running || !usable;
  get<HTMLButtonElement>('stop').disabled = !running;
}
function busy(on: boolean): void {
  running = on;
  buttons();
}
/** Says whether the table can be learned from: what it is, or what is wrong. */
function tell(summary: string, problem?: Error): void {
  usable = problem === undefined;
  get('summary').textContent = summary;
  buttons();
  if (problem !== undefined) say(problem.message, true);
  else if (!running) say('Ready.');
}

async function chooseTable(chosen: Source, wanted?: string): Promise<void> {
  source = chosen;
  comma.parentElement!.hidden = typeof chosen.csv === 'string';
  target.replaceChildren();
  try {
    const { columns } = await parseRows(chosen.csv, chosen);
    if (source !== chosen) return; // another one was picked meanwhile
    target.replaceChildren(...columns.map((column) => new Option(column)));
    target.value = wanted !== undefined && columns.includes(wanted) ? wanted : columns.at(-1)!;
    await chooseTarget();
  } catch (error) {
    if (source === chosen) tell('', error as Error);
  }
}

/** Shows what the table is, and offers the losses and metrics that fit its task. */
async function chooseTarget(): Promise<void> {
  const [chosen, column] = [source, target.value];
  const current = (): boolean => source === chosen && target.value === column;
  try {
    const parsed = await parseCsv(chosen.csv, { ...chosen, target: column });
    if (!current()) return;
    const { task, classes, rows, columns, warnings } = parsed;
    const shown = classes.length > 0 ? `classification of ${classes.slice(0, 8).join(', ')}${classes.length > 8 ? ', …' : ''}` : task; // prettier-ignore
    const features = `${columns.length} ${columns.length === 1 ? 'feature' : 'features'}`;
    pickers.loss.offer(losses.filter(({ provision }) => fitsTask(provision as LossFactory, task, classes.length))); // prettier-ignore
    pickers.metric.offer(metrics.filter(({ provision }) => measures(provision as AnyMetric, task)), usualMetric[task]); // prettier-ignore
    tell([`${rows} rows, ${features}: ${shown}`, ...warnings].join('\n'));
  } catch (error) {
    if (current()) tell('', error as Error);
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
      ...chartSize(),
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

function chartSize(): { width: number; height: number } {
  return { width: get('chart').clientWidth, height: 300 };
}
new ResizeObserver(() => chart?.setSize(chartSize())).observe(get('chart'));

let drawing = false;
/** Draws what is known at the next frame; epochs may come faster than frames. */
function draw(): void {
  if (drawing) return;
  drawing = true;
  requestAnimationFrame(() => {
    drawing = false;
    chart?.setData(series);
  });
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
      draw();
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
      get('prediction').textContent = data.isError === true ? data.text : `→ ${data.text}`;
      get('prediction').classList.toggle('error', data.isError === true);
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
  const results = get('results'); // on a narrow page they are below
  if (results.getBoundingClientRect().top > 0.7 * innerHeight) results.scrollIntoView();
  send({
    kind: 'train',
    source,
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
  if (own !== undefined && table.value === '') void chooseOwn();
  else void chooseTable({ csv: tables[table.value].csv, name: table.value }, tables[table.value].target);
});
const file = get<HTMLInputElement>('file');
const comma = get<HTMLInputElement>('comma');
function chooseOwn(): Promise<void> {
  return chooseTable({ csv: own!, name: own!.name, decimal: comma.checked ? ',' : '.' }, target.value);
}
comma.addEventListener('change', () => void chooseOwn());
file.addEventListener('change', () => {
  const picked = file.files?.[0];
  if (picked === undefined) return;
  file.value = ''; // so that it can be picked again when it has changed
  own = picked;
  offerTables();
  table.value = '';
  void chooseOwn();
});
target.addEventListener('change', () => void chooseTarget());

void isWebgpuAvailable().then((there) => {
  get('gpu').parentElement!.hidden = !there;
});
function offerTables(): void {
  const file = own === undefined ? [] : [new Option(own.name, '')];
  table.replaceChildren(...file, ...Object.keys(tables).map((name) => new Option(name)));
}
offerTables();
table.value = 'penguins';
pickers.optimizer.offer(offered('optimizer'), 'adam');
pickers.schedule.offer(offered('schedule'));
void chooseTable({ csv: penguins, name: 'penguins' }, tables['penguins'].target);
