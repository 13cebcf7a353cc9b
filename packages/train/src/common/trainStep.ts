import { backward } from '@kindling/autograd';
import { assign, assignOnlyIf, type Closure, compile, compileStep, type GradientOptimizer, keep, KindlingError, type Loss, type Model, noGrad, type Optimizer, type Parameter, scalar, showShape, stack, type Tensor, type Variable, variable, where, zeros, zerosLike } from '@kindling/core'; // prettier-ignore
import { clipNorm } from './clipNorm.js';
import { isSum } from './evaluator.js';

/** Scales losses for half precision, as `gradScaler` of the optimizers does. */
export interface LossScaler {
  scale(loss: Tensor): Tensor;
  unscale(optimizer: Optimizer): void;
  update(): void;
  /** For checkpoints: a run that goes on from one has the scale of then. */
  stateDict(): Record<string, Tensor>;
  loadStateDict(state: Record<string, Tensor>): void;
}

export interface StepOptions {
  readonly model: Model;
  readonly loss: Loss;
  readonly optimizer: Optimizer;
  readonly clipNorm?: number | undefined;
  readonly scaler?: LossScaler | undefined;
  /** Leaves out steps whose gradients are not finite. A scaler does so in any case. */
  readonly skipNonFinite?: boolean | undefined;
  readonly check?: boolean | undefined;
}

interface Data {
  readonly input: Tensor;
  readonly target: Tensor;
}

/** Between this number and twice as many. */
const stepsInFlight = 4;

/**
 * One training step, compiled, of any optimizer; losses are summed on the device. A step over several batches adds up
 * their gradients.
 */
export class TrainStep {
  /** Σ loss · rows of the steps since it was last read; where steps may be left out, also the rows that are not in it. */
  readonly pending: Variable;
  readonly #whole: (input: Tensor, target: Tensor) => unknown;
  readonly #part: (input: Tensor, target: Tensor, share: number) => Tensor;
  readonly #nothing: () => Tensor;
  readonly #skips: boolean;
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
    const { optimizer, scaler, check, skipNonFinite = false } = options;
    this.#skips = skipNonFinite || scaler !== undefined;
    this.pending = variable(zeros(this.#skips ? [2] : [], { dtype: value.dtype }));
    this.pending.name = 'the sum of losses';
    const compileOptions = check === undefined ? {} : { check };
    this.#whole = compileStep(
      { compiles: optimizer.compiles, step: (closure) => this.#advance(closure) },
      (input: Tensor, target: Tensor) => this.#differentiate([{ input, target }]),
      { ...compileOptions, after: (loss, input) => { this.#finish(loss, input.shape[0]); } }, // prettier-ignore
    );
    this.#part = compile(
      (input: Tensor, target: Tensor, share: Tensor) => this.#addGradient({ input, target }, share),
      compileOptions,
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

  /** A step over the batches together. */
  async run(batches: readonly Data[]): Promise<void> {
    const [first] = batches;
    if (batches.length === 1) {
      await this.#whole(first.input, first.target);
      return;
    }
    // each batch is a program of its own, so that only one of them is in memory
    const loss = await this.#advance(() => this.#differentiate(batches, this.#part));
    this.#finish(loss, batches.reduce((rows, { input }) => rows + input.shape[0], 0)); // prettier-ignore
  }

  /** One step without compilation; the loss before it. */
  async runSlowly(batches: readonly Data[]): Promise<Tensor> {
    return this.#advance(() => keep(this.#differentiate(batches)));
  }

  #advance(closure: Closure): Tensor | Promise<Tensor> {
    const { optimizer, scaler } = this.options;
    if (!this.#skips) return optimizer.step(closure);
    const loss = closure();
    noGrad(() => {
      assignOnlyIf(allFinite(withGradient(optimizer)), () => {
        (optimizer as GradientOptimizer).step();
      });
    });
    scaler?.update();
    return loss;
  }

  /** Adds the loss up, and forgets the gradients, which are not kept beyond the step. */
  #finish(loss: Tensor, rows: number): void {
    const { optimizer } = this.options;
    noGrad(() => {
      const value = loss.detach().reshape([]);
      const sum = isSum(this.options.loss) ? value : value.mul(rows);
      const finite = sum.sub(sum).eq(0);
      const counted = this.#skips ? stack([where(finite, sum, 0), where(finite, 0, zerosLike(sum).add(rows))]) : sum;
      assign(this.pending, this.pending.add(counted));
    });
    optimizer.zeroGrad();
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

  /** Loss and gradients of the batches together, without the update. */
  differentiate(batches: readonly Data[]): Tensor {
    return this.#differentiate(batches);
  }
  #differentiate(
    batches: readonly Data[],
    part = (input: Tensor, target: Tensor, share: number) =>
      this.#addGradient({ input, target }, share === 1 ? undefined : scalar(share)),
  ): Tensor {
    const { optimizer, scaler, clipNorm: limit } = this.options;
    optimizer.zeroGrad();
    const rows = batches.reduce((sum, { input }) => sum + input.shape[0], 0);
    // the mean over all rows, whatever batch they are in
    const parts = batches.map(({ input, target }) => part(input, target, isSum(this.options.loss) ? 1 : input.shape[0] / rows)); // prettier-ignore
    scaler?.unscale(optimizer);
    if (limit !== undefined)
      noGrad(() => {
        clipNorm(optimizer, limit);
      });
    return parts.reduce((sum, t) => sum.add(t));
  }
  /** The share of a batch in the loss; adds its gradient. */
  #addGradient({ input, target }: Data, share: Tensor | undefined): Tensor {
    const { model, loss, scaler } = this.options;
    const value = loss(model.forward(input), target);
    const counted = share === undefined ? value : value.mul(share.to(value.dtype));
    backward(scaler === undefined ? counted : scaler.scale(counted));
    return counted;
  }

  /** The sum since the last time, and how many of the rows are not in it; both start anew. */
  async takePending(): Promise<{ sum: number; left: number }> {
    const [sum, left = 0] = await this.pending.data();
    this.setPending(zeros(this.pending.shape));
    return { sum, left };
  }
  setPending(value: Tensor): void {
    noGrad(() => {
      assign(this.pending, value.to(this.pending.dtype).reshape(this.pending.shape));
    });
  }
}

function withGradient(optimizer: Optimizer): Parameter[] {
  return optimizer.groups.flatMap((g) => g.params).filter((p) => p.grad !== undefined);
}

/** Whether no gradient holds NaN or an infinity. */
function allFinite(parameters: readonly Parameter[]): Tensor {
  const nothing = parameters.map((p) => p.grad!.mul(0).sum().to('float32'));
  return nothing.reduce((a, b) => a.add(b)).eq(0);
}
