import type { BufferPool, GpuBuffer } from './bufferPool.js';
import type { Revision } from './revision.js';

/** Memory between the dispatches of one kernel. Kernels run one after another and share it. */
export class Scratch {
  readonly #pool: BufferPool;
  readonly #revision: Revision;
  readonly #pieces: GpuBuffer[] = [];

  constructor(pool: BufferPool, revision: Revision) {
    this.#pool = pool;
    this.#revision = revision;
  }

  /** A buffer of at least each of these sizes. */
  take(sizes: readonly number[]): readonly GpuBuffer[] {
    return sizes.map((bytes, i) => {
      const known = this.#pieces[i];
      if (known !== undefined && known.capacity >= bytes) return known;
      if (known !== undefined) {
        this.#pool.release(known);
        this.#revision.value += 1;
      }
      return (this.#pieces[i] = this.#pool.allocate(bytes));
    });
  }
  /** After an error: what follows gets other memory. */
  renew(): void {
    for (const piece of this.#pieces) this.#pool.release(piece);
    this.#pieces.length = 0;
    this.#revision.value += 1;
  }
}
