import { casting, type Kernel } from '@kindling/compiler';
import { isFloat } from '@kindling/core';

/** Words between launch blocks: offsets of uniform bindings are multiples of 256 bytes on every device. */
export const BLOCK_STEP = 64;
/** Bytes of the largest launch block. */
export const BLOCK_BYTES = 4096;
const HEAD = 4;
const INFINITY_BITS = 0x7f800000;
const NAN_BITS = 0x7fc00000;

/** One piece of memory seen as bits and as floats. */
export interface Words {
  readonly uint32: Uint32Array<ArrayBuffer>;
  readonly float32: Float32Array<ArrayBuffer>;
}

export function allocateWords(count: number): Words {
  const buffer = new ArrayBuffer(count * 4);
  return { uint32: new Uint32Array(buffer), float32: new Float32Array(buffer) };
}

/** The part of a launch block that every kernel may read: its segment's length, ∞ and NaN, and a zero. */
export function writeHead({ uint32 }: Words, at: number, length: number): void {
  uint32[at] = length;
  uint32[at + 1] = INFINITY_BITS;
  uint32[at + 2] = NAN_BITS;
}

/** How the scalars of a kernel become words of its launch block. */
export interface BlockLayout {
  /** Words from one block to the next; 0 where nothing in it changes from launch to launch. */
  readonly step: number;
  /** Writes the numbers from `from` on into the block at `at`. */
  write(words: Words, at: number, numbers: Float64Array, from: number): void;
}

export function blockLayout({ scalars, segmented }: Kernel): BlockLayout {
  const words = HEAD + Math.ceil(scalars.length / 4) * 4;
  if (words * 4 > BLOCK_BYTES) throw new Error(`webgpu: a kernel with ${scalars.length} scalars`);
  const convert = scalars.map((dtype) => casting('float64', dtype));
  return {
    step: scalars.length > 0 || segmented ? Math.ceil(words / BLOCK_STEP) * BLOCK_STEP : 0,
    write: (out, at, numbers, from) => {
      writeHead(out, at, segmented ? numbers[from++] : 0);
      convert.forEach((exact, i) => {
        (isFloat(scalars[i]) ? out.float32 : out.uint32)[at + HEAD + i] = exact(numbers[from + i]);
      });
    },
  };
}
