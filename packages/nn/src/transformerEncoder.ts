import { KindlingError, type Tensor } from '@kindling/core';
import { requireSize } from './common/requireSize.js';
import { type LayerNorm } from './layerNorm.js';
import { type Description, Module } from './module.js';
import { type EncodeOptions, TransformerEncoderLayer } from './transformerEncoderLayer.js';

/** See `transformerEncoder`. */
export class TransformerEncoder extends Module {
  constructor(
    readonly layers: readonly TransformerEncoderLayer[],
    readonly norm?: LayerNorm,
  ) {
    super();
    if (layers.length === 0 || !layers.every((layer) => layer instanceof TransformerEncoderLayer))
      throw new KindlingError('transformerEncoder: needs one transformerEncoderLayer or more');
  }
  override forward(input: Tensor, options: EncodeOptions = {}): Tensor {
    const x = this.layers.reduce((t, layer) => layer.forward(t, options), input);
    return this.norm === undefined ? x : this.norm.forward(x);
  }
  override describe(): Description {
    return {
      type: 'transformerEncoder',
      layers: this.layers.map((layer) => layer.describe()),
      ...(this.norm === undefined ? {} : { norm: this.norm.describe() }),
    };
  }
}

/**
 * `numLayers` encoder layers one after another, and a norm at the end where one is given. `layer` makes one, each with
 * weights of its own: `transformerEncoder(() => transformerEncoderLayer(128, 4), 6)`.
 */
export function transformerEncoder(
  layer: () => TransformerEncoderLayer,
  numLayers: number,
  norm?: LayerNorm,
): TransformerEncoder {
  requireSize('transformerEncoder', 'numLayers', numLayers);
  return new TransformerEncoder(Array.from({ length: numLayers }, layer), norm);
}
