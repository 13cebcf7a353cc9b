import { KindlingError, type Parameter, parameter, showShape, type Tensor } from '@kindling/core';
import { requireSize } from './common/requireSize.js';
import { kaimingUniform, uniform } from './initialisers.js';
import { type Description, Module } from './module.js';

export interface LinearOptions {
  /** Default true. */
  bias?: boolean;
}

/** See `linear`. */
export class Linear extends Module {
  /** [outputs, inputs]. */
  readonly weight: Parameter;
  /** [outputs]. */
  readonly bias: Parameter | undefined;

  constructor(
    readonly inputs: number,
    readonly outputs: number,
    options: LinearOptions = {},
  ) {
    super();
    requireSize('linear', 'inputs', inputs);
    requireSize('linear', 'outputs', outputs);
    const bound = 1 / Math.sqrt(inputs);
    this.weight = parameter(kaimingUniform([outputs, inputs], { a: Math.sqrt(5) }));
    this.bias = options.bias === false ? undefined : parameter(uniform([outputs], -bound, bound));
  }
  override forward(input: Tensor): Tensor {
    if (input.shape.at(-1) !== this.inputs)
      throw new KindlingError(
        `linear: the input has shape ${showShape(input.shape)}, but the layer takes ${this.inputs} inputs in the last dimension`,
      );
    const product = input.matmul(this.weight.transpose());
    return this.bias === undefined ? product : product.add(this.bias);
  }
  override describe(): Description {
    return { type: 'linear', inputs: this.inputs, outputs: this.outputs, bias: this.bias !== undefined };
  }
}

/**
 * x·Wᵀ + b over the last dimension: [*, inputs] to [*, outputs]. Starts as PyTorch's: weight and bias from
 * U(−1/√inputs, 1/√inputs).
 */
export function linear(inputs: number, outputs: number, options?: LinearOptions): Linear {
  return new Linear(inputs, outputs, options);
}
