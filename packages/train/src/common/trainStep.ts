import { backward } from '@kindling/autograd';
import { assign, compile, KindlingError, type Loss, type Model, noGrad, type Optimizer, showShape, type Tensor, type Variable, variable, zeros } from '@kindling/core'; // prettier-ignore
import { clipNorm } from './clipNorm.js';
import { isSum } from './evaluator.js';

export interface StepOptions {
  readonly model: Model;
  readonly loss: Loss;
  readonly optimizer: Optimizer;
  readonly clipNorm?: number | undefined;
  readonly check?: boolean | undefined;
}

/** Between this number and twice as many. */
const stepsInFlight = 4;

/** One training step, compiled; losses are summed on the device. */
export class TrainStep {
  /** Σ loss · rows of the steps since it was last read. */
  readonly pending: Variable;
  readonly #compiled: (input: Tensor, target: Tensor) => unknown;
  readonly #nothing: () => Tensor;
  #unpaced = 0;
  /** Resolves when the steps before the last pause are done. */
  #started: Promise<void> | undefined;

  constructor(
    readonly options: StepOptions,
    /** What the loss gives, for its dtype. */
    value: Tensor,
  ) {
    if (value.size !== 1)
      throw new KindlingError(
        `fit: the loss gives shape ${showShape(value.shape)}, but a step needs one number; use reduction 'mean' or 'sum'`,
      );
    this.pending = variable(zeros([], { dtype: value.dtype }));
    this.pending.name = 'the sum of losses';
    const { optimizer, check } = options;
    this.#compiled = compile(
      (input: Tensor, target: Tensor) => {
        const loss = this.differentiate(input, target);
        const rows = this.weight(input);
        noGrad(() => {
          assign(this.pending, this.pending.add(loss.detach().reshape([]).mul(rows)));
        });
        optimizer.step();
        optimizer.zeroGrad(); // gradients are not kept beyond the step
      },
      check === undefined ? {} : { check },
    );
    const trained = optimizer.groups.flatMap((g) => g.params);
    this.#nothing = compile(
      // 0 unless a parameter holds NaN or an infinity
      () => noGrad(() => trained.map((p) => p.mul(0).sum().to('float32')).reduce((a, b) => a.add(b))),
      { check: false },
    );
  }

  /** Whether all trained parameters are finite. */
  async isHealthy(): Promise<boolean> {
    return (await this.#nothing().item()) === 0;
  }

  run(input: Tensor, target: Tensor): void {
    this.#compiled(input, target);
  }

  /**
   * Waits where the device is several steps behind, so that batches do not pile up before it. The newest steps stay
   * under way, so a device never idles for this.
   */
  async pace(): Promise<void> {
    if (++this.#unpaced < stepsInFlight) return;
    this.#unpaced = 0;
    const before = this.#started;
    this.#started = this.pending.backend?.finished();
    await before;
  }

  /** Loss and gradients of a batch, without the update. */
  differentiate(input: Tensor, target: Tensor): Tensor {
    const { model, loss, optimizer } = this.options;
    optimizer.zeroGrad();
    const value = loss(model.forward(input), target);
    backward(value);
    const { clipNorm: limit } = this.options;
    if (limit !== undefined)
      noGrad(() => {
        clipNorm(optimizer, limit);
      });
    return value;
  }

  /** What a batch's loss is multiplied with in the sum. */
  weight(input: Tensor): number {
    return isSum(this.options.loss) ? 1 : input.shape[0];
  }

  /** The sum since the last time, which starts anew. */
  async takePending(): Promise<number> {
    const sum = await this.pending.item();
    this.setPending(zeros([], { dtype: this.pending.dtype }));
    return sum;
  }
  setPending(value: Tensor): void {
    noGrad(() => {
      assign(this.pending, value.to(this.pending.dtype).reshape([]));
    });
  }
}
