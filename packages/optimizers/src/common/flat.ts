import { concat, type Tensor, zerosLike } from '@kindling/core';

/** All elements in a row; zeros for a tensor that is not there. */
export function flatten(like: readonly Tensor[], tensors: readonly (Tensor | undefined)[] = like): Tensor {
  return concat(like.map((l, i) => (tensors[i] ?? zerosLike(l)).detach().reshape(-1)));
}

/** The row cut into tensors of these shapes. */
export function unflatten(like: readonly Tensor[], row: Tensor): Tensor[] {
  let at = 0;
  return like.map(({ shape, size }) => row.slice([at, (at += size)]).reshape(shape));
}
