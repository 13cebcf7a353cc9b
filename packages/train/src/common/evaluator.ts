import { compile, type Loss, type Metric, type Model, noGrad, type Output, type Tensor } from '@kindling/core';
import type { Dataset, TargetForm } from '@kindling/data';
import { breathe } from './breathe.js';
import { asLogits, asValues, forMetric } from './outputs.js';

export interface Measured<R = number> {
  /** NaN without a loss. */
  readonly loss: number;
  readonly metrics: Record<string, R>;
}

interface Outcome {
  readonly output: Tensor;
  /** Where it differs from the batch's. */
  readonly target?: Tensor;
  readonly loss?: Tensor;
}

/** Measures one model on data sets of one kind; compiled once. */
export class Evaluator {
  readonly #run: (input: Tensor, target: Tensor) => Outcome;

  constructor(
    readonly model: Model,
    readonly data: Dataset,
    readonly options: {
      readonly form: TargetForm | undefined;
      readonly loss: Loss | undefined;
      readonly output: Output;
      readonly check?: boolean | undefined;
      readonly batchSize?: number | undefined;
    },
  ) {
    const { loss, output: kind } = options;
    const { mean, std } = data.targetScale;
    const regression = data.task === 'regression';
    const scaled = regression && (mean !== 0 || std !== 1);
    const inUnits = (t: Tensor): Tensor => (scaled ? t.mul(std).add(mean) : t);
    this.#run = compile(
      (input: Tensor, target: Tensor): Outcome =>
        noGrad(() => {
          const raw = model.forward(input);
          const output = regression ? inUnits(asValues(raw, kind)) : asLogits(raw, kind);
          return {
            output,
            ...(scaled ? { target: inUnits(target) } : {}),
            ...(loss === undefined ? {} : { loss: loss(raw, target) }),
          };
        }),
      options.check === undefined ? {} : { check: options.check },
    );
  }

  /** `data` must be of the kind given to the constructor: the same task, widths and target scale. */
  async measure<R = number>(data: Dataset, metrics: Readonly<Record<string, Metric<R>>> = {}): Promise<Measured<R>> {
    const { form, batchSize, loss } = this.options;
    this.model.train(false);
    const losses: { value: Tensor; rows: number }[] = [];
    for (const batch of data.all({ size: batchSize, encode: form })) {
      const result = this.#run(batch.input, batch.target);
      const rows = batch.input.shape[0];
      if (result.loss !== undefined) losses.push({ value: result.loss, rows: isSum(loss) ? 1 : rows });
      for (const metric of Object.values(metrics))
        void metric.update(forMetric(result.output, metric, data.task), result.target ?? batch.target);
      await breathe();
    }
    let sum = 0;
    for (const { value, rows } of losses) sum += rows * (await value.item());
    const computed: Record<string, R> = {};
    for (const [name, metric] of Object.entries(metrics)) computed[name] = await metric.compute();
    return { loss: loss === undefined ? NaN : sum / data.rows, metrics: computed };
  }
}

/** Whether a batch's loss is already a sum over its rows. */
export function isSum(loss: Loss | undefined): boolean {
  return (loss as { options?: { reduction?: unknown } } | undefined)?.options?.reduction === 'sum';
}
