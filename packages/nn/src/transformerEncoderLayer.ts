import { KindlingError, relu, type Tensor } from '@kindling/core';
import { gelu } from './activations.js';
import { dropout, type Dropout } from './dropout.js';
import { layerNorm, type LayerNorm } from './layerNorm.js';
import { linear, type Linear } from './linear.js';
import { type Description, Module } from './module.js';
import { multiheadAttention, type MultiheadAttention } from './multiheadAttention.js';

export interface TransformerEncoderLayerOptions {
  /** Width of the part between the two linear layers. Default 2048. */
  dimFeedforward?: number;
  /** Default 0.1. */
  dropout?: number;
  /** Default 'relu'. */
  activation?: 'relu' | 'gelu';
  /** Default 1e-5. */
  layerNormEps?: number;
  /** Whether the batch comes before the sequence. Default false, as in PyTorch. */
  batchFirst?: boolean;
  /** Whether the norms come before attention and feed-forward, instead of after the sums. Default false. */
  normFirst?: boolean;
}
export interface EncodeOptions {
  /** See `attnMask` of `multiheadAttention`. */
  mask?: Tensor | undefined;
  /** bool [batch, sequence]: true where a position does not count. */
  srcKeyPaddingMask?: Tensor | undefined;
  /** A position sees itself and those before it only. Default false. */
  isCausal?: boolean | undefined;
}

/** See `transformerEncoderLayer`. */
export class TransformerEncoderLayer extends Module {
  readonly selfAttn: MultiheadAttention;
  readonly linear1: Linear;
  readonly dropout: Dropout;
  readonly linear2: Linear;
  readonly norm1: LayerNorm;
  readonly norm2: LayerNorm;
  readonly dropout1: Dropout;
  readonly dropout2: Dropout;
  readonly activation: 'relu' | 'gelu';
  readonly normFirst: boolean;

  constructor(
    readonly dModel: number,
    readonly nHead: number,
    options: TransformerEncoderLayerOptions = {},
  ) {
    super();
    const { dimFeedforward = 2048, dropout: p = 0.1, activation = 'relu', layerNormEps: eps = 1e-5 } = options;
    if (activation !== 'relu' && activation !== 'gelu')
      throw new KindlingError(
        `transformerEncoderLayer: activation is ${String(activation)}; it must be 'relu' or 'gelu'`,
      );
    this.activation = activation;
    this.normFirst = options.normFirst ?? false;
    this.selfAttn = multiheadAttention(dModel, nHead, { dropout: p, batchFirst: options.batchFirst ?? false });
    this.linear1 = linear(dModel, dimFeedforward);
    this.dropout = dropout(p);
    this.linear2 = linear(dimFeedforward, dModel);
    this.norm1 = layerNorm(dModel, { eps });
    this.norm2 = layerNorm(dModel, { eps });
    this.dropout1 = dropout(p);
    this.dropout2 = dropout(p);
  }
  override forward(input: Tensor, options: EncodeOptions = {}): Tensor {
    const attend = (x: Tensor): Tensor =>
      this.dropout1.forward(
        this.selfAttn.forward(x, x, x, {
          attnMask: options.mask,
          keyPaddingMask: options.srcKeyPaddingMask,
          isCausal: options.isCausal,
        }),
      );
    const activate = this.activation === 'relu' ? relu : gelu;
    const feed = (x: Tensor): Tensor =>
      this.dropout2.forward(this.linear2.forward(this.dropout.forward(activate(this.linear1.forward(x)))));
    if (this.normFirst) {
      const x = input.add(attend(this.norm1.forward(input)));
      return x.add(feed(this.norm2.forward(x)));
    }
    const x = this.norm1.forward(input.add(attend(input)));
    return this.norm2.forward(x.add(feed(x)));
  }
  override describe(): Description {
    const { dModel, nHead, activation, normFirst } = this;
    return {
      type: 'transformerEncoderLayer',
      dModel,
      nHead,
      dimFeedforward: this.linear1.outputs,
      dropout: this.dropout.p,
      activation,
      layerNormEps: this.norm1.eps,
      batchFirst: this.selfAttn.batchFirst,
      normFirst,
    };
  }
}

/**
 * Self-attention and a feed-forward part (linear, activation, linear), each with dropout, added to what went in, and
 * normalised: [sequence, batch, dModel] (or batch first) to the same. As PyTorch's.
 */
export function transformerEncoderLayer(
  dModel: number,
  nHead: number,
  options?: TransformerEncoderLayerOptions,
): TransformerEncoderLayer {
  return new TransformerEncoderLayer(dModel, nHead, options);
}
