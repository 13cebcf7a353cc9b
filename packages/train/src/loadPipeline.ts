import {
  KindlingError,
  type Model,
  noGrad,
  type OpenRegistry,
  randomState,
  setRandomState,
  tensor,
  zeros,
} from '@kindling/core';
import { preprocessingFromJSON } from '@kindling/data';
import { decodeSafetensors } from '@kindling/formats';
import { build } from '@kindling/nn';
import { loadModelState } from './common/modelState.js';
import { predictor } from './common/predictor.js';
import { readSource } from './common/readSource.js';
import { type ModelFile, parseModelFile } from './modelFile.js';
import type { Pipeline } from './pipeline.js';

export interface LoadPipelineOptions {
  /** Where the loss of the file is looked up, if anyone wants it. */
  readonly registry?: OpenRegistry | undefined;
  /** The model, for an architecture that files cannot describe. It gets the file's parameters. */
  readonly model?: Model | undefined;
}

/**
 * A pipeline from a folder (in Node), from the URL of one, or from its files. Works in the browser, too. The files are
 * checked: a damaged or hostile one is an error that names the place.
 */
export async function loadPipeline(
  source: string | URL | Readonly<Record<string, Blob>>,
  options: LoadPipelineOptions = {},
): Promise<Pipeline> {
  const read = readSource(source);
  const file = parseModelFile(await read('model.json'));
  const preprocessing = preprocessingFromJSON(file.preprocessing);
  if (preprocessing.task !== file.task || preprocessing.classes.join('\0') !== file.classes.join('\0'))
    throw new KindlingError('model.json is damaged: task and classes differ from those of its preprocessing');
  const model = modelOf(file, options.model);
  const { tensors } = decodeSafetensors(await read('model.safetensors'));
  loadModelState(
    'loadPipeline',
    model,
    Object.fromEntries(
      Object.entries(tensors).map(([name, { data, shape, dtype }]) => [
        name,
        tensor(data, { shape, dtype, copy: false }),
      ]),
    ),
  );
  model.train(false);
  requireFit(file, model, preprocessing.width);
  const { task, classes, output } = file;
  const loss = file.loss === null ? undefined : lossOf(file.loss, options.registry);
  const predict = predictor(model, preprocessing, output);
  return { task, classes, output, preprocessing, model, file, loss, predict };
}

function modelOf(file: ModelFile, given: Model | undefined): Model {
  if (given !== undefined) return given;
  if (file.architecture === null)
    throw new KindlingError(
      'loadPipeline: the model is of a class of its own, which files cannot describe; pass a new one as { model }',
    );
  const random = randomState();
  try {
    return build(file.architecture);
  } finally {
    setRandomState(random); // its initial weights are overwritten: nobody shall notice that they were drawn
  }
}

/** The model must take the inputs that the preprocessing makes, and give what the task needs. */
function requireFit({ task, classes }: ModelFile, model: Model, width: number): void {
  let shape: readonly number[];
  try {
    shape = noGrad(() => model.forward(zeros([1, width]))).shape;
  } catch (error) {
    throw new KindlingError(
      `loadPipeline: the model does not take the ${width} inputs of its preprocessing: ${(error as Error).message}`,
      { cause: error },
    );
  }
  const outputs = shape.at(-1)!;
  const fits = shape.length === 2 && (outputs === Math.max(1, classes.length) || (task === 'binary' && outputs === 1));
  if (!fits)
    throw new KindlingError(
      `loadPipeline: the model gives [${shape.join(', ')}] for a row, which does not fit ${task === 'regression' ? 'a regression' : `${classes.length} classes`}`,
    );
}

function lossOf(
  { name, options }: NonNullable<ModelFile['loss']>,
  registry: OpenRegistry | undefined,
): Pipeline['loss'] {
  if (registry?.entries().some((e) => e.provision.kind === 'loss' && e.name === name) !== true) return undefined;
  return registry.loss(name)(options);
}
