import { isFloat } from './dtype.js';
import { KindlingError } from './errors.js';
import { arange, softmax, where } from './functions.js';
import * as operations from './operations.js';
import { rand } from './random.js';
import { showShape } from './shape.js';
import { Tensor } from './tensor.js';

export interface AttentionOptions {
  /** Broadcasts to [..., queries, keys]. bool: true where a query may see a key; float: added to the scores. */
  readonly attnMask?: Tensor;
  /** Query i sees the keys 0 to i only. Default false. */
  readonly isCausal?: boolean;
  /** The probability with which a weight is dropped; the others grow. Default 0. */
  readonly dropoutP?: number;
  /** What scores are multiplied with. Default 1 / √features. */
  readonly scale?: number;
}

/**
 * softmax(query · keyᵀ · scale + mask) · value, over [..., queries, features], [..., keys, features] and [..., keys, width];
 * the result is [..., queries, width]. As PyTorch's `scaled_dot_product_attention`; a query that may see no key gives NaN.
 */
export function scaledDotProductAttention(
  query: Tensor,
  key: Tensor,
  value: Tensor,
  options: AttentionOptions = {},
): Tensor {
  const { attnMask, isCausal = false, dropoutP = 0 } = options;
  const shapes = [query, key, value].map((t) => showShape(t.shape)).join(', ');
  const [features, keys] = [query.shape.at(-1), key.shape.at(-2)];
  if (
    Math.min(query.shape.length, key.shape.length, value.shape.length) < 2 ||
    features !== key.shape.at(-1) ||
    keys !== value.shape.at(-2)
  )
    throw new KindlingError(
      `scaledDotProductAttention: shapes ${shapes} do not go together; they must be [..., queries, features], [..., keys, features] and [..., keys, width]`,
    );
  if (![query, key, value].every((t) => isFloat(t.dtype)))
    throw new KindlingError(
      `scaledDotProductAttention: query, key and value are ${query.dtype}, ${key.dtype} and ${value.dtype}; cast them with to('float32')`,
    );
  if (!(dropoutP >= 0 && dropoutP < 1))
    throw new KindlingError(`scaledDotProductAttention: dropoutP is ${dropoutP}; it must be from 0 to 1, without 1`);
  // the default depends on the shape only, so it is part of the program
  const scale = options.scale ?? new Tensor(operations.constant(1 / Math.sqrt(features!), query.dtype));
  let scores = query.matmul(key.transpose()).mul(scale);
  if (isCausal) scores = where(arange(query.shape.at(-2)!).unsqueeze(1).ge(arange(keys!)), scores, -Infinity);
  if (attnMask !== undefined)
    scores = attnMask.dtype === 'bool' ? where(attnMask, scores, -Infinity) : scores.add(attnMask);
  let weights = softmax(scores, -1);
  if (dropoutP > 0) weights = where(rand(weights.shape).ge(dropoutP), weights.mul(1 / (1 - dropoutP)), 0);
  return weights.matmul(value);
}
