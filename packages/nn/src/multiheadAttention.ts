import { assign, KindlingError, type Parameter, parameter, scaledDotProductAttention, showShape, type Tensor, where, zeros } from '@kindling/core'; // prettier-ignore
import { requireSize } from './common/requireSize.js';
import { xavierUniform } from './initialisers.js';
import { Linear } from './linear.js';
import { type Description, Module } from './module.js';

export interface MultiheadAttentionOptions {
  /** The probability with which a weight is dropped in training. Default 0. */
  dropout?: number;
  /** Default true. */
  bias?: boolean;
  /** Features of the keys and of the values. Default `embedDim`. */
  kDim?: number;
  vDim?: number;
  /** Whether the batch comes before the sequence: [batch, sequence, features]. Default false, as in PyTorch. */
  batchFirst?: boolean;
}
export interface AttendOptions {
  /** [queries, keys] or [batch · heads, queries, keys]. bool: true where a query must not see a key; float: added. */
  attnMask?: Tensor | undefined;
  /** bool [batch, keys]: true where a key does not count. */
  keyPaddingMask?: Tensor | undefined;
  /** Query i sees the keys 0 to i only. Default false. */
  isCausal?: boolean | undefined;
}

/** See `multiheadAttention`. */
export class MultiheadAttention extends Module {
  /** [3 · embedDim, embedDim]: queries, keys, values. With `kDim` or `vDim` there are three weights instead. */
  readonly inProjWeight: Parameter | undefined;
  readonly qProjWeight: Parameter | undefined;
  readonly kProjWeight: Parameter | undefined;
  readonly vProjWeight: Parameter | undefined;
  /** [3 · embedDim]. */
  readonly inProjBias: Parameter | undefined;
  readonly outProj: Linear;
  readonly dropout: number;
  readonly kDim: number;
  readonly vDim: number;
  readonly batchFirst: boolean;

  constructor(
    readonly embedDim: number,
    readonly numHeads: number,
    options: MultiheadAttentionOptions = {},
  ) {
    super();
    const { bias = true, dropout = 0, kDim = embedDim, vDim = embedDim, batchFirst = false } = options;
    for (const [name, size] of Object.entries({ embedDim, numHeads, kDim, vDim })) requireSize('multiheadAttention', name, size); // prettier-ignore
    if (embedDim % numHeads !== 0)
      throw new KindlingError(`multiheadAttention: embedDim ${embedDim} cannot be divided into ${numHeads} heads`);
    if (!(dropout >= 0 && dropout < 1))
      throw new KindlingError(`multiheadAttention: dropout is a probability below 1, got ${String(dropout)}`);
    [this.dropout, this.kDim, this.vDim, this.batchFirst] = [dropout, kDim, vDim, batchFirst];
    if (kDim === embedDim && vDim === embedDim) this.inProjWeight = parameter(xavierUniform([3 * embedDim, embedDim]));
    else {
      this.qProjWeight = parameter(xavierUniform([embedDim, embedDim]));
      this.kProjWeight = parameter(xavierUniform([embedDim, kDim]));
      this.vProjWeight = parameter(xavierUniform([embedDim, vDim]));
    }
    this.outProj = new Linear(embedDim, embedDim, { bias });
    if (bias) {
      this.inProjBias = parameter(zeros([3 * embedDim]));
      assign(this.outProj.bias!, zeros([embedDim]));
    }
  }

  /** `key` is the query and `value` the key where they are not given. */
  override forward(query: Tensor, key: Tensor = query, value: Tensor = key, options: AttendOptions = {}): Tensor {
    const { embedDim, numHeads, batchFirst } = this;
    const given = [query, key, value];
    const features = [embedDim, this.kDim, this.vDim];
    const batched = query.shape.length === 3;
    if (
      given.some((t, i) => t.shape.length !== query.shape.length || t.shape.at(-1) !== features[i]) ||
      (!batched && query.shape.length !== 2)
    )
      throw new KindlingError(
        `multiheadAttention: shapes ${given.map((t) => showShape(t.shape)).join(', ')} of query, key and value do not fit; they must be ` +
          `${batchFirst ? '[batch, sequence, features]' : '[sequence, batch, features]'} or [sequence, features], with ${features.join(', ')} features`,
      );
    // [batch, sequence, features]
    const ordered = (t: Tensor): Tensor => (!batched ? t.unsqueeze(0) : batchFirst ? t : t.transpose(0, 1));
    const [q, k, v] = this.#project(query, key, value).map((t) => {
      const x = ordered(t);
      const [batch, length] = x.shape;
      return x.reshape(batch, length, numHeads, embedDim / numHeads).transpose(1, 2);
    });
    const attnMask = this.#mask(options, q.shape[0], q.shape[2], k.shape[2]);
    const heads = scaledDotProductAttention(q, k, v, {
      ...(attnMask === undefined ? {} : { attnMask }),
      isCausal: options.isCausal ?? false,
      dropoutP: this.training ? this.dropout : 0,
    });
    const joined = heads.transpose(1, 2).reshape(q.shape[0], q.shape[2], embedDim);
    return this.outProj.forward(!batched ? joined.squeeze(0) : batchFirst ? joined : joined.transpose(0, 1));
  }

  #project(query: Tensor, key: Tensor, value: Tensor): Tensor[] {
    const { embedDim, inProjWeight, inProjBias } = this;
    const part = (t: Tensor | undefined, i: number): Tensor | undefined => t?.slice([i * embedDim, (i + 1) * embedDim]);
    const product = (x: Tensor, w: Tensor, b: Tensor | undefined): Tensor => {
      const y = x.matmul(w.transpose());
      return b === undefined ? y : y.add(b);
    };
    if (query === key && key === value && inProjWeight !== undefined) {
      // one product for all three
      const all = product(query, inProjWeight, inProjBias);
      const before = query.shape.slice(1).map(() => undefined);
      return [0, 1, 2].map((i) => all.slice(...before, [i * embedDim, (i + 1) * embedDim]));
    }
    const separate = [this.qProjWeight, this.kProjWeight, this.vProjWeight];
    return [query, key, value].map((x, i) => product(x, separate[i] ?? part(inProjWeight, i)!, part(inProjBias, i)));
  }

  /** Both masks as one for `scaledDotProductAttention`, where true is what may be seen. */
  #mask(options: AttendOptions, batch: number, queries: number, keys: number): Tensor | undefined {
    const { attnMask, keyPaddingMask } = options;
    const fail = (name: string, t: Tensor, wanted: string): never => {
      throw new KindlingError(`multiheadAttention: ${name} has shape ${showShape(t.shape)}; it must be ${wanted}`);
    };
    let mask = attnMask;
    if (mask !== undefined) {
      const wide = mask.shape.length === 3;
      const [rows, columns] = mask.shape.slice(-2);
      if (
        (!wide && mask.shape.length !== 2) ||
        rows !== queries ||
        columns !== keys ||
        (wide && mask.shape[0] !== batch * this.numHeads)
      )
        fail('attnMask', mask, `[${queries}, ${keys}] or [${batch * this.numHeads}, ${queries}, ${keys}]`);
      if (wide) mask = mask.reshape(batch, this.numHeads, queries, keys);
      if (mask.dtype === 'bool') mask = mask.not();
    }
    if (keyPaddingMask === undefined) return mask;
    const { shape, dtype } = keyPaddingMask;
    if (dtype !== 'bool' || shape.at(-1) !== keys || shape.length > 2 || (shape.length === 2 && shape[0] !== batch))
      fail('keyPaddingMask', keyPaddingMask, `bool [${batch}, ${keys}]`);
    const counts = keyPaddingMask.not().reshape(shape.length === 2 ? batch : 1, 1, 1, keys);
    if (mask === undefined) return counts;
    if (mask.dtype === 'bool') return mask.and(counts);
    return where(counts, mask, -Infinity);
  }
  override describe(): Description {
    const { embedDim, numHeads, dropout, kDim, vDim, batchFirst } = this;
    const bias = this.inProjBias !== undefined;
    return { type: 'multiheadAttention', embedDim, numHeads, dropout, bias, kDim, vDim, batchFirst };
  }
}

/**
 * Attention with several heads: queries, keys and values are projected, each head attends over its part of the features,
 * and the results are projected together. [sequence, batch, embedDim] (or batch first) to the same. Starts as PyTorch's.
 */
export function multiheadAttention(
  embedDim: number,
  numHeads: number,
  options?: MultiheadAttentionOptions,
): MultiheadAttention {
  return new MultiheadAttention(embedDim, numHeads, options);
}
