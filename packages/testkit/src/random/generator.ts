/** Numbers that look random and are the same for the same seed (mulberry32). */
export class Generator {
  #state: number;
  constructor(seed: number) {
    this.#state = seed >>> 0;
  }
  /** In [0, 1). */
  next(): number {
    this.#state = (this.#state + 0x6d2b79f5) >>> 0;
    let x = this.#state;
    x = Math.imul(x ^ (x >>> 15), x | 1);
    x ^= x + Math.imul(x ^ (x >>> 7), x | 61);
    return ((x ^ (x >>> 14)) >>> 0) / 2 ** 32;
  }
  /** From `low` to `high` − 1. */
  integer(low: number, high: number): number {
    return low + Math.floor(this.next() * (high - low));
  }
  chance(probability: number): boolean {
    return this.next() < probability;
  }
  pick<T>(list: readonly T[]): T {
    return list[this.integer(0, list.length)];
  }
  shuffle<T>(list: readonly T[]): T[] {
    const out = [...list];
    for (let i = out.length - 1; i > 0; i--) {
      const j = this.integer(0, i + 1);
      [out[i], out[j]] = [out[j], out[i]];
    }
    return out;
  }
  /** Each with a probability of one half. */
  subset<T>(list: readonly T[]): T[] {
    return list.filter(() => this.chance(0.5));
  }
}
