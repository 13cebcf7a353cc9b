import type { ConfiguredLoss, Model, Output, Tensor } from '@kindling/core';
import type { DataTask, Preprocessing, Row } from '@kindling/data';
import type { ModelFile } from './modelFile.js';

/** What a pipeline says of a row. */
export interface Prediction {
  /** A class label, or a number in the target's own units. */
  readonly prediction: string | number;
  /** By class label; not for regression. */
  readonly probabilities?: Readonly<Record<string, number>>;
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
