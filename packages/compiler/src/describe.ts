import type { Ids, Kernel } from './ir.js';

/** A kernel in a few words: its extents, and what it does over them. */
export function describe(kernel: Kernel, lengths: readonly number[]): string {
  const size = (ids: Ids): number => ids.reduce((n, k) => n * kernel.axes[k], 1);
  const { body } = kernel;
  if (body.kind === 'contract') {
    const [batch, m, n, k] = [body.batch, body.m, body.n, body.k].map(size);
    return `contract ${batch > 1 ? `${batch} × ` : ''}${m} × ${n}, sums of ${k}`;
  }
  if (kernel.segmented) return `elementwise ${lengths.join(' + ')}`;
  const reduces = body.blocks.flatMap((block) => block.reduces.map(({ op }) => op));
  const inner = Math.max(...body.blocks.map((block) => size(block.inner)));
  const adds = body.blocks.some((block) => block.stores.some(({ mode }) => mode === 'add'));
  if (adds) return `scatter ${size(body.outer) * inner}`;
  const outer = size(body.outer);
  return reduces.length > 0 ? `${reduces.join(', ')} of ${outer} × ${inner}` : `elementwise ${outer * inner}`;
}
