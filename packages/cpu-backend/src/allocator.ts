/** Blocks start at multiples of this many bytes: a cache line. */
const ALIGNMENT = 64;
/**
 * Bytes left unused behind every block: vectors may be read a little past the end of a buffer, and buffers whose
 * sizes are powers of two do not all begin at the same place of a page, which would make their loads and stores
 * look alike to the processor.
 */
const SLACK = 192;

/** Best-fit allocation in a range of addresses that can grow. Neighbouring free blocks are joined. */
export class Allocator {
  /** Bytes of the blocks that are taken. */
  used = 0;
  /** Free blocks in order of address. */
  private readonly free: { start: number; size: number }[] = [];

  constructor(
    private end: number,
    /** Makes the addresses below `end` usable, for a block of so many bytes, and returns how far it went, at least that; or throws. */
    private readonly grow: (end: number, bytes: number) => number,
  ) {}

  allocate(bytes: number): number {
    const size = blockSize(bytes);
    let best = -1;
    this.free.forEach((block, i) => {
      if (block.size >= size && (best < 0 || block.size < this.free[best].size)) best = i;
    });
    if (best < 0) {
      const last = this.free[this.free.length - 1];
      const missing = last && last.start + last.size === this.end ? size - last.size : size;
      const from = this.end;
      this.end = this.grow(from + missing, bytes);
      this.insert(from, this.end - from);
      best = this.free.length - 1;
    }
    const block = this.free[best];
    const { start } = block;
    block.start += size;
    block.size -= size;
    if (block.size === 0) this.free.splice(best, 1);
    this.used += size;
    return start;
  }

  release(pointer: number, bytes: number): void {
    const size = blockSize(bytes);
    this.used -= size;
    this.insert(pointer, size);
  }

  private insert(start: number, size: number): void {
    let low = 0;
    for (let high = this.free.length; low < high;) {
      const middle = (low + high) >> 1;
      if (this.free[middle].start < start) low = middle + 1;
      else high = middle;
    }
    const before = this.free[low - 1];
    const after = this.free[low];
    const joinsBefore = before && before.start + before.size === start;
    const joinsAfter = after && start + size === after.start;
    if (joinsBefore) {
      before.size += size + (joinsAfter ? after.size : 0);
      if (joinsAfter) this.free.splice(low, 1);
    } else if (joinsAfter) {
      after.start = start;
      after.size += size;
    } else this.free.splice(low, 0, { start, size });
  }
}

function blockSize(bytes: number): number {
  return Math.ceil((bytes + SLACK) / ALIGNMENT) * ALIGNMENT;
}
