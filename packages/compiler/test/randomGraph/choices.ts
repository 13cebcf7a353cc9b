import type { Draft } from './value.js';

/** Takes the decisions of one instruction from a list of numbers, so that a shorter list is a simpler program. */
export class Choices {
  #next = 0;
  constructor(
    readonly numbers: readonly number[],
    readonly values: readonly Draft[],
  ) {}

  /** 0 … n − 1. */
  below(n: number): number {
    const x = this.numbers[this.#next++ % this.numbers.length] + this.#next;
    return n <= 0 ? 0 : x % n;
  }
  flag(): boolean {
    return this.below(2) === 1;
  }
  of<T>(list: readonly T[]): T {
    return list[this.below(list.length)];
  }
  /** The position of a value for which `fits` holds; recent ones are as likely as all others together. */
  value(fits: (v: Draft) => boolean = () => true): number | undefined {
    const { values } = this;
    const from = this.flag() ? Math.max(0, values.length - 4) : 0;
    const found = (at: number): number[] => values.flatMap((v, i) => (i >= at && fits(v) ? [i] : []));
    const recent = found(from);
    const all = recent.length > 0 ? recent : found(0);
    return all.length === 0 ? undefined : this.of(all);
  }
  /** Some of 0 … n − 1, at least one unless n is 0. */
  some(n: number): number[] {
    const mask = n === 0 ? 0 : 1 + this.below(2 ** n - 1);
    return Array.from({ length: n }, (_, i) => i).filter((i) => (mask >> i) & 1);
  }
}
