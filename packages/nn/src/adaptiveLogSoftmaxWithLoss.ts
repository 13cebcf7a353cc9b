import { asIndices, concat, KindlingError, logSoftmax, sameShape, showShape, type Tensor, where } from '@kindling/core';
import { requireSize } from './common/requireSize.js';
import { type Linear, linear } from './linear.js';
import { type Description, Module } from './module.js';
import { type Sequential, sequential } from './sequential.js';

export interface AdaptiveLogSoftmaxOptions {
  /** By how much the inside of each cluster is narrower than that of the one before. Default 4. */
  divValue?: number;
  /** Whether the scores of the head have a bias. Default false. */
  headBias?: boolean;
}

/** See `adaptiveLogSoftmaxWithLoss`. */
export class AdaptiveLogSoftmaxWithLoss extends Module {
  readonly head: Linear;
  readonly tail: readonly Sequential[];
  readonly #ends: readonly number[];

  constructor(
    readonly inputs: number,
    readonly classes: number,
    readonly cutoffs: readonly number[],
    readonly options: AdaptiveLogSoftmaxOptions = {},
  ) {
    super();
    const name = 'adaptiveLogSoftmaxWithLoss';
    requireSize(name, 'inputs', inputs);
    requireSize(name, 'classes', classes);
    const { divValue = 4, headBias = false } = options;
    const rising = cutoffs.every((c, i) => Number.isInteger(c) && c > (i === 0 ? 0 : cutoffs[i - 1]) && c < classes);
    if (cutoffs.length === 0 || !rising)
      throw new KindlingError(
        `${name}: cutoffs must be whole numbers that rise between 0 and ${classes}, the classes; got [${cutoffs.join(', ')}]`,
      );
    if (!(divValue > 0)) throw new KindlingError(`${name}: divValue must be greater than 0, got ${divValue}`);
    this.#ends = [...cutoffs, classes];
    this.head = linear(inputs, cutoffs[0] + cutoffs.length, { bias: headBias });
    this.tail = cutoffs.map((from, i) => {
      const inside = Math.floor(inputs / divValue ** (i + 1));
      if (inside < 1)
        throw new KindlingError(
          `${name}: ${inputs} inputs divided by ${divValue} ${i + 1} times leave nothing for cluster ${i + 1}; use a smaller divValue`,
        );
      const width = this.#ends[i + 1] - from;
      return sequential(linear(inputs, inside, { bias: false }), linear(inside, width, { bias: false }));
    });
  }

  /** The same as `logProb`, so that it can end a model; with `nllLoss`, for instance. */
  override forward(input: Tensor): Tensor {
    return this.logProb(input);
  }

  /** log p of the target class of each sample, [N] or []; and the loss, −mean of them. */
  loss(input: Tensor, target: Tensor): { output: Tensor; loss: Tensor } {
    const x = this.#rows(input);
    if (!sameShape(target.shape, input.shape.slice(0, -1)))
      throw new KindlingError(
        `adaptiveLogSoftmaxWithLoss: the target has shape ${showShape(target.shape)}, the input ${showShape(input.shape)} needs ` +
          showShape(input.shape.slice(0, -1)),
      );
    const index = asIndices('adaptiveLogSoftmaxWithLoss', target).reshape(-1);
    const [shortlist] = this.cutoffs;
    const head = this.#headLogProb(x);
    const at = (t: Tensor, i: Tensor): Tensor => t.gather(1, i.unsqueeze(1)).squeeze(1);
    // each sample in all clusters, and chosen: which are where is only known when values are
    let place = where(index.lt(shortlist), index, 0);
    let inside: Tensor | undefined;
    for (const [i, cluster] of this.tail.entries()) {
      const [from, to] = [this.#ends[i], this.#ends[i + 1]];
      // the last takes what is beyond all classes, too: the gather reports it
      const here = i === this.tail.length - 1 ? index.ge(from) : index.ge(from).and(index.lt(to));
      const own = where(here, at(logSoftmax(cluster.forward(x), -1), where(here, index.sub(from), 0)), 0);
      place = where(here, shortlist + i, place);
      inside = inside === undefined ? own : inside.add(own);
    }
    // a negative one stays, and is reported, too
    const output = at(head, place).add(inside!).reshape(target.shape);
    return { output, loss: output.mean().neg() };
  }

  /** log p of every class: [N, classes] or [classes]. */
  logProb(input: Tensor): Tensor {
    const head = this.#headLogProb(this.#rows(input));
    const [shortlist] = this.cutoffs;
    const x = this.#rows(input);
    const parts = this.tail.map((cluster, i) =>
      logSoftmax(cluster.forward(x), -1).add(head.slice(undefined, shortlist + i).unsqueeze(1)),
    );
    const all = concat([head.slice(undefined, [0, shortlist]), ...parts], 1);
    return all.reshape(...input.shape.slice(0, -1), this.classes);
  }

  /** The likeliest class of each sample: int32 [N] or []. */
  predict(input: Tensor): Tensor {
    return this.logProb(input).argmax(-1);
  }

  #headLogProb(x: Tensor): Tensor {
    return logSoftmax(this.head.forward(x), -1);
  }
  #rows(input: Tensor): Tensor {
    if ((input.shape.length !== 1 && input.shape.length !== 2) || input.shape.at(-1) !== this.inputs)
      throw new KindlingError(
        `adaptiveLogSoftmaxWithLoss: the input has shape ${showShape(input.shape)}; give [N, ${this.inputs}] or [${this.inputs}]`,
      );
    return input.reshape(-1, this.inputs);
  }

  override describe(): Description {
    const { inputs, classes, cutoffs, options } = this;
    return { type: 'adaptiveLogSoftmaxWithLoss', inputs, classes, cutoffs: [...cutoffs], ...options };
  }
}

/**
 * A softmax over very many classes whose frequencies differ much, sorted by frequency: the classes before the first cutoff
 * have scores of their own, the clusters between cutoffs one score each and a narrower layer inside.
 *
 * `const layer = adaptiveLogSoftmaxWithLoss(64, 10_000, [100, 1000])`, then `layer.loss(input, target)` gives
 * `{ output, loss }`, as PyTorch's module does when called; `layer.logProb(input)` and `layer.predict(input)` are its methods.
 * log p(c) is log p(c) of the head's softmax, or log p(cluster) + log p(c | cluster).
 *
 * Shapes: input [N, inputs] or [inputs], target class indices (int32) [N] or [].
 *
 * Defaults: `divValue` 4, `headBias` false. Errors: cutoffs that do not rise between 0 and the classes, an inside of a
 * cluster that is narrower than 1, shapes that do not fit. A class that is not there is reported when a result is read.
 *
 * Source: PyTorch's `AdaptiveLogSoftmaxWithLoss`, with the same names of parameters; Grave et al., "Efficient softmax
 * approximation for GPUs". Every cluster is computed for all samples, where PyTorch picks those of the cluster.
 */
export function adaptiveLogSoftmaxWithLoss(
  inputs: number,
  classes: number,
  cutoffs: readonly number[],
  options?: AdaptiveLogSoftmaxOptions,
): AdaptiveLogSoftmaxWithLoss {
  return new AdaptiveLogSoftmaxWithLoss(inputs, classes, cutoffs, options);
}
