/** A plugin by name, with options. */
export interface Picked {
  readonly name: string;
  readonly options: Record<string, unknown>;
}

/** A table to be read. */
export interface Source {
  /** Its text, or a file. */
  readonly csv: string | Blob;
  /** What messages call it. */
  readonly name: string;
  readonly decimal?: ',' | '.';
}

/** What the page and its worker say to each other. */
export interface TrainRequest {
  readonly kind: 'train';
  readonly source: Source;
  readonly target: string;
  readonly hidden: readonly number[];
  readonly epochs: number;
  readonly batchSize: number;
  /** Whether to compute on the GPU. */
  readonly gpu: boolean;
  readonly seed: number;
  readonly loss: Picked;
  readonly optimizer: Picked;
  readonly schedule: Picked | undefined;
  /** What is measured on the validation rows after each epoch, and on the test rows in the end. */
  readonly metric: Picked;
}
export interface PredictRequest {
  readonly kind: 'predict';
  readonly row: Record<string, string>;
}
export type Request = TrainRequest | PredictRequest | { readonly kind: 'stop' };

export interface FeatureInput {
  readonly name: string;
  readonly kind: string;
  /** A value of the table, to begin with. */
  readonly example: string;
}
export type Reply =
  | {
      readonly kind: 'epoch';
      readonly epoch: number;
      readonly loss: number;
      readonly validationLoss: number;
      readonly score: number;
    }
  | {
      readonly kind: 'done';
      readonly stopped: string;
      readonly epochs: number;
      readonly seconds: number;
      readonly scores: Record<string, number>;
      readonly testRows: number;
      readonly features: readonly FeatureInput[];
    }
  | { readonly kind: 'prediction'; readonly text: string; readonly isError?: boolean }
  | { readonly kind: 'error'; readonly message: string };
