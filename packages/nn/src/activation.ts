import { KindlingError, logSigmoid, logSoftmax, relu, sigmoid, softmax, softplus, suggestion, type Tensor } from '@kindling/core'; // prettier-ignore
import { elu, gelu, leakyRelu, selu, silu, tanh } from './activations.js';
import { type Description, Module } from './module.js';

/** Options of the activations that have some. */
export interface ActivationOptions {
  /** leakyRelu; default 0.01. */
  negativeSlope?: number;
  /** elu; default 1. */
  alpha?: number;
  /** gelu; default 'none', the exact one. */
  approximate?: 'none' | 'tanh';
  /** softmax and logSoftmax; default −1, the last. */
  dim?: number;
}
export type ActivationName =
  | 'relu' | 'tanh' | 'sigmoid' | 'gelu' | 'silu' | 'leakyRelu' | 'elu' | 'selu' | 'softplus' | 'logSigmoid' | 'identity'
  | 'softmax' | 'logSoftmax'; // prettier-ignore

interface Entry {
  readonly apply: (x: Tensor, options: ActivationOptions) => Tensor;
  readonly options: readonly (keyof ActivationOptions)[];
}
const table: Record<ActivationName, Entry> = {
  relu: { apply: relu, options: [] },
  tanh: { apply: tanh, options: [] },
  sigmoid: { apply: sigmoid, options: [] },
  gelu: { apply: gelu, options: ['approximate'] },
  silu: { apply: silu, options: [] },
  leakyRelu: { apply: leakyRelu, options: ['negativeSlope'] },
  elu: { apply: elu, options: ['alpha'] },
  selu: { apply: selu, options: [] },
  softplus: { apply: softplus, options: [] },
  logSigmoid: { apply: logSigmoid, options: [] },
  identity: { apply: (x) => x, options: [] },
  softmax: { apply: (x, { dim }) => softmax(x, dim ?? -1), options: ['dim'] },
  logSoftmax: { apply: (x, { dim }) => logSoftmax(x, dim ?? -1), options: ['dim'] },
};

/** The names that `activation` and model files know. */
export const activationNames: readonly ActivationName[] = /* @__PURE__ */ Object.keys(table) as ActivationName[];

/** See `activation`. */
export class Activation extends Module {
  constructor(
    readonly activation: ActivationName,
    readonly options: ActivationOptions = {},
  ) {
    super();
    if (!Object.hasOwn(table, activation))
      throw new KindlingError(
        `activation: there is no activation '${String(activation)}'${suggestion(String(activation), activationNames)}`,
      );
    for (const name of Object.keys(options) as (keyof ActivationOptions)[]) {
      if (!table[activation].options.includes(name))
        throw new KindlingError(
          `activation: '${activation}' has no option '${name}'${suggestion(name, table[activation].options)}`,
        );
      const value = options[name];
      const fits = name === 'approximate' ? value === 'none' || value === 'tanh' : name === 'dim' ? Number.isInteger(value) : Number.isFinite(value); // prettier-ignore
      if (!fits) throw new KindlingError(`activation: ${name} of '${activation}' cannot be ${String(value)}`);
    }
  }
  override forward(input: Tensor): Tensor {
    return table[this.activation].apply(input, this.options);
  }
  override describe(): Description {
    return { type: this.activation, ...this.options };
  }
}

/** An activation by name, as a layer that can be saved: `activation('leakyRelu', { negativeSlope: 0.1 })`. */
export function activation(name: ActivationName, options?: ActivationOptions): Activation {
  return new Activation(name, options);
}

/** The name of a function that files know, such as 'relu' for `relu`. */
export function activationName(f: (x: Tensor) => Tensor): ActivationName | undefined {
  return (f as { activation?: ActivationName }).activation;
}
