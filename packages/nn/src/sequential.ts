import { KindlingError, type Tensor } from '@kindling/core';
import { activationName } from './activation.js';
import { type Description, Module } from './module.js';

/** A module, or a function of one tensor such as `relu`. */
export type Layer = Module | ((x: Tensor) => Tensor);

/** See `sequential`. */
export class Sequential extends Module {
  readonly layers: readonly Layer[];

  constructor(layers: readonly Layer[]) {
    super();
    layers.forEach((layer, i) => {
      if (!(layer instanceof Module) && typeof layer !== 'function')
        throw new KindlingError(
          `sequential: layer ${i} is ${String(layer)}, which is neither a module nor a function of a tensor`,
        );
    });
    this.layers = layers;
  }
  override forward(input: Tensor): Tensor {
    let x = input;
    for (const layer of this.layers) x = layer instanceof Module ? layer.forward(x) : layer(x);
    return x;
  }
  /** The parts are `0`, `1`, … as PyTorch names them. */
  protected override *members(): Iterable<readonly [string, unknown]> {
    for (let i = 0; i < this.layers.length; i++) yield [String(i), this.layers[i]];
  }
  override describe(): Description | undefined {
    const layers: Description[] = [];
    for (const layer of this.layers) {
      const name = layer instanceof Module ? undefined : activationName(layer);
      const description = layer instanceof Module ? layer.describe() : name === undefined ? undefined : { type: name };
      if (description === undefined) return undefined;
      layers.push(description);
    }
    return { type: 'sequential', layers };
  }
}

/** One layer after the other. A layer is a module or a function: `sequential(linear(4, 16), relu, linear(16, 3))`. */
export function sequential(...layers: Layer[]): Sequential {
  return new Sequential(layers);
}
