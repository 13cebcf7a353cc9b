import { minimum, type Optimizer, type Tensor } from '@kindling/core';

/** Scales all gradients down together so that their joint norm is at most `limit`, as PyTorch's `clip_grad_norm_`. */
export function clipNorm(optimizer: Optimizer, limit: number): void {
  const trained = optimizer.groups.flatMap((g) => g.params).filter((p) => p.grad !== undefined);
  if (trained.length === 0) return;
  const squares = trained.map((p): Tensor => p.grad!.mul(p.grad!).sum());
  const norm = squares.reduce((sum, s) => sum.add(s.to(sum.dtype))).sqrt();
  const scale = minimum(norm.add(1e-6).pow(-1).mul(limit), 1);
  for (const p of trained) p.grad = p.grad!.mul(scale.to(p.dtype));
}
