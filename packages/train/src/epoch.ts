/** What is known after an epoch. */
export interface Epoch {
  /** From 1. */
  readonly epoch: number;
  /** Steps since the start of training. */
  readonly step: number;
  /** The mean training loss over the rows of the epoch, measured while the parameters changed. */
  readonly loss: number;
  /** Where there is validation data. */
  readonly validationLoss?: number;
  /** On the validation data; empty without it. */
  readonly metrics: Readonly<Record<string, number>>;
  /** The learning rate of each parameter group at the end of the epoch. */
  readonly lr: readonly number[];
  /** Since the start of training, all parts of a resumed run together. */
  readonly seconds: number;
}
