import { type Block, count } from '@kindling/compiler';

/** Terms that one workgroup may reduce before others should help. */
const LONG = 4096;
/** Terms of a part, at least. */
const PART = 2048;
/** Invocations that keep a GPU busy. */
const BUSY = 65_536;

/** In how many parts blocks of a kernel are worth splitting; 1 for none. */
export function partsOf(block: Block, rows: number, axes: readonly number[], isSoftware: boolean): number {
  const length = count(block.inner, axes);
  // a software adapter has few processors, and dispatches are dear
  if (isSoftware) return rows >= 8 || length < 2 ** 18 ? 1 : Math.ceil(8 / rows);
  if (length < LONG * 2) return 1;
  return Math.min(Math.floor(length / PART), Math.ceil(BUSY / (rows * 256)));
}
