import { activation, type ActivationName, type ActivationOptions } from './activation.js';
import { dropout } from './dropout.js';
import { linear } from './linear.js';
import { type Layer, sequential, type Sequential } from './sequential.js';

export interface MlpOptions {
  /** The widths of the hidden layers. Default none: a linear model. */
  hidden?: readonly number[];
  /** After each hidden layer. Default 'relu'. */
  activation?: ActivationName;
  activationOptions?: ActivationOptions;
  /** The probability of dropout after each activation. Default 0. */
  dropout?: number;
}

/** A multi-layer perceptron for tables: `mlp(4, 3, { hidden: [64, 32] })`. */
export function mlp(inputs: number, outputs: number, options: MlpOptions = {}): Sequential {
  const layers: Layer[] = [];
  let width = inputs;
  for (const next of options.hidden ?? []) {
    layers.push(linear(width, next), activation(options.activation ?? 'relu', options.activationOptions));
    if ((options.dropout ?? 0) > 0) layers.push(dropout(options.dropout));
    width = next;
  }
  return sequential(...layers, linear(width, outputs));
}
