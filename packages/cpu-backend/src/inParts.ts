import { type Block, count, type InParts, type Kernel, splitLoops } from '@kindling/compiler';

/** Elements from which a kernel of few rows is cut, and elements of a part at least. */
const LONG = 2 ** 17;
const PART = 2 ** 13;
/** Parts wanted: for all rows together, so that threads have something to share. */
const PARTS = 32;

/**
 * A kernel whose few rows are long as kernels that threads can share: one over parts of the rows, and one over what the
 * parts have found. The shape alone decides, not the number of threads, so that results do not depend on that.
 * `split`: so many parts of every block, for tests.
 */
export function inParts(kernel: Kernel, split?: number): InParts | undefined {
  if (kernel.body.kind !== 'loops' || kernel.segmented) return undefined;
  const wanted = (block: Block, rows: number): number => {
    if (block.stores.some(({ mode }) => mode === 'add')) return 1;
    if (split !== undefined) return split;
    const length = count(block.inner, kernel.axes);
    if (rows * length < LONG || rows >= PARTS / 4) return 1;
    return Math.min(Math.floor(length / PART), Math.ceil(PARTS / rows));
  };
  return splitLoops(kernel, wanted);
}
