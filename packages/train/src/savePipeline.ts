import { KindlingError, type Loss, type Model, type Output, Tensor } from '@kindling/core';
import type { Preprocessing } from '@kindling/data';
import { writeSafetensors } from '@kindling/formats';
import { describe } from '@kindling/nn';
import { modelState } from './common/modelState.js';
import { outputOf } from './common/outputs.js';
import { writeFolder } from './common/writeFolder.js';
import type { ModelFile } from './modelFile.js';
import { version } from './version.js';

export interface SavePipelineOptions {
  readonly preprocessing: Preprocessing;
  readonly model: Model;
  readonly loss: Loss;
  /** What the model's outputs mean. Default: what the loss declares; for a plain function logits, or values. */
  readonly output?: Output | undefined;
  /** Measured values to keep, such as test scores. */
  readonly metrics?: Readonly<Record<string, number>> | undefined;
  /** Anything JSON to keep: settings, the command. */
  readonly info?: unknown;
  /** Further files for the folder, by name; they appear together with the model. */
  readonly files?: Readonly<Record<string, string | Uint8Array>> | undefined;
  /** Replaces an existing model folder. Default false: that is an error. */
  readonly force?: boolean | undefined;
}

/**
 * Writes a model folder: `model.safetensors` and a readable `model.json`. The folder appears as a whole or not at all.
 * With `force`, files in an existing model folder that are not of the old model stay.
 * @throws KindlingError if it exists and `force` is not set, or is something else than a model folder.
 */
export async function savePipeline(folder: string, options: SavePipelineOptions): Promise<void> {
  const files = await pipelineFiles(options);
  await writeFolder(folder, { ...files, ...options.files }, options.force === true);
}

/** The files of a model folder by name, for storing them elsewhere: in a browser, in an archive. */
export async function pipelineFiles(
  options: Omit<SavePipelineOptions, 'force' | 'files'> & { readonly files?: SavePipelineOptions['files'] },
): Promise<{ 'model.json': string; 'model.safetensors': Uint8Array<ArrayBuffer> }> {
  const { preprocessing, model, loss } = options;
  const { task, classes } = preprocessing;
  const { lossName, options: given } = loss as { lossName?: string; options?: Record<string, unknown> };
  const file: ModelFile = {
    format: 'kindling-pipeline',
    version: 1,
    kindling: version,
    task,
    classes,
    output: options.output ?? outputOf(loss, task),
    loss: lossName === undefined ? null : { name: lossName, options: await plain(given ?? {}) },
    metrics: options.metrics ?? {},
    files: ['model.json', 'model.safetensors', ...Object.keys(options.files ?? {})],
    info: options.info ?? null,
    architecture: describe(model) ?? null,
    preprocessing: preprocessing.toJSON(),
  };
  for (const name of Object.keys(options.files ?? {}))
    if (!/^[\w][\w.-]*$/.test(name) || name === 'model.json' || name === 'model.safetensors')
      throw new KindlingError(`savePipeline: '${name}' cannot be the name of a further file`);
  const weights = await writeSafetensors(modelState(model));
  return { 'model.json': `${JSON.stringify(file, undefined, 2)}\n`, 'model.safetensors': weights };
}

/** Options as JSON has them: tensors as arrays; what only code can give is left out. */
async function plain(options: Readonly<Record<string, unknown>>): Promise<Record<string, unknown>> {
  const out: Record<string, unknown> = {};
  for (const [name, value] of Object.entries(options)) {
    if (value instanceof Tensor) out[name] = await value.toArray();
    else if (ArrayBuffer.isView(value)) out[name] = Array.from(value as Float32Array);
    else if (typeof value !== 'function' && value !== undefined) out[name] = value;
  }
  return out;
}
