import type { ConfiguredLoss, Loss, Model, OpenRegistry, Output, Tensor } from '@kindling/core';
import type { DataTask, Preprocessing, Row } from '@kindling/data';
import type { Description } from '@kindling/nn';

/** What a pipeline says of a row. */
export interface Prediction {
  /** A class label, or a number in the target's own units. */
  readonly prediction: string | number;
  /** By class label; not for regression. */
  readonly probabilities?: Readonly<Record<string, number>>;
}

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
  /** Whatever `savePipeline` was given as `info`. */
  readonly info: unknown;
}

/** What an application deploys: preprocessing, model and labels. */
export interface Pipeline {
  readonly task: DataTask;
  readonly classes: readonly string[];
  readonly output: Output;
  readonly preprocessing: Preprocessing;
  readonly model: Model;
  readonly file: ModelFile;
  /** The loss it was trained with, where `loadPipeline` got a registry that has it. */
  readonly loss: ConfiguredLoss<Tensor[]> | undefined;
  /** One prediction a row, in order. Rows are plain objects by column name; a missing value may be null or left out. */
  predict(rows: readonly Row[]): Promise<Prediction[]>;
}

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

export interface LoadPipelineOptions {
  /** Where the loss of the file is looked up, if anyone wants it. */
  readonly registry?: OpenRegistry | undefined;
  /** The model, for an architecture that files cannot describe. It gets the file's parameters. */
  readonly model?: Model | undefined;
}

/**
 * Writes a model folder: `model.safetensors` and a readable `model.json`. The folder appears as a whole or not at all.
 * @throws KindlingError if it exists and `force` is not set, or is something else than a model folder.
 */
export declare function savePipeline(folder: string, options: SavePipelineOptions): Promise<void>;

/**
 * A pipeline from a folder (in Node), from a URL of one, or from its files. Works in the browser, too. The files are
 * checked: a damaged or hostile one is an error that names the place.
 */
export declare function loadPipeline(
  source: string | URL | Readonly<Record<string, Blob>>,
  options?: LoadPipelineOptions,
): Promise<Pipeline>;
