import { KindlingError, type Output } from '@kindling/core';
import type { DataTask } from '@kindling/data';
import type { Description } from '@kindling/nn';

/** A readable `model.json`: everything but the weights. */
export interface ModelFile {
  readonly format: 'kindling-pipeline';
  readonly version: 1;
  /** The release that wrote it. */
  readonly kindling: string;
  readonly task: DataTask;
  readonly classes: readonly string[];
  /** What the model's outputs mean. */
  readonly output: Output;
  /** null for a model of your own class, which `loadPipeline` then needs. */
  readonly architecture: Description | null;
  readonly loss: { readonly name: string; readonly options: Readonly<Record<string, unknown>> } | null;
  readonly metrics: Readonly<Record<string, number>>;
  readonly preprocessing: unknown;
  /** What the folder holds of this model. */
  readonly files: readonly string[];
  /** Whatever `savePipeline` was given as `info`. */
  readonly info: unknown;
}

const tasks: readonly DataTask[] = ['classification', 'binary', 'regression'];
const outputs: readonly Output[] = ['logits', 'logProbabilities', 'probabilities', 'value', 'logRate', 'embedding'];
/** A description of a model is never longer than this. */
const longest = 64 * 2 ** 20;

/** A `model.json` from its bytes. Architecture and preprocessing are checked by those who build them. */
export function parseModelFile(bytes: Uint8Array): ModelFile {
  if (bytes.length > longest) throw damaged(`it has ${bytes.length} bytes, more than any description of a model`);
  let json: unknown;
  try {
    json = JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes));
  } catch (error) {
    throw damaged(`it is not JSON (${(error as Error).message.slice(0, 200)})`);
  }
  if (!isObject(json) || json['format'] !== 'kindling-pipeline')
    throw new KindlingError(
      `model.json is not of a Kindling pipeline: its format is ${show(isObject(json) ? json['format'] : json)}`,
    );
  if (json['version'] !== 1)
    throw new KindlingError(
      `model.json has version ${show(json['version'])} of the format, this release reads version 1; ` +
        `update @kindling/train, or save the pipeline with this release`,
    );
  const { task, classes, output, architecture, loss, metrics, kindling } = json;
  if (!tasks.includes(task as DataTask)) throw damaged(`task is ${show(task)}, not one of ${tasks.join(', ')}`);
  if (!Array.isArray(classes) || !classes.every((c) => typeof c === 'string'))
    throw damaged('classes is not an array of strings');
  if (!outputs.includes(output as Output)) throw damaged(`output is ${show(output)}, not one of ${outputs.join(', ')}`);
  if (architecture !== null && !isObject(architecture)) throw damaged('architecture is neither null nor an object');
  if (loss !== null && !(isObject(loss) && typeof loss['name'] === 'string' && isObject(loss['options'])))
    throw damaged('loss is neither null nor an object with name and options');
  if (!isObject(metrics) || !Object.values(metrics).every((m) => typeof m === 'number' || m === null))
    throw damaged('metrics is not an object of numbers');
  if (typeof kindling !== 'string') throw damaged('kindling does not name a release');
  if (!('preprocessing' in json)) throw damaged('there is no preprocessing');
  return json as unknown as ModelFile;
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function show(value: unknown): string {
  const text = JSON.stringify(value) ?? 'missing';
  return text.length > 60 ? `${text.slice(0, 59)}…` : text;
}

function damaged(why: string): KindlingError {
  return new KindlingError(`model.json is damaged: ${why}`);
}
