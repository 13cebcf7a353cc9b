import type { Group } from './group.js';
import { constantDim, NeedSplit } from './indexing.js';
import type { Dim, Position } from './position.js';

/**
 * The axes of a kernel. Each dimension of a part (or row, or summed dimension) is one logical axis, which may have
 * been split into several: [outermost size, …, innermost size].
 */
export class Space {
  readonly sizes: number[] = [];
  /** The axes of each logical axis. */
  readonly axesOf = new Map<string, number[]>();
  readonly #logical: string[] = [];

  constructor(
    readonly group: Group,
    readonly splits: ReadonlyMap<string, readonly number[]>,
  ) {
    const rows = group.rowShape;
    rows?.forEach((size, i) => {
      this.#add(`row ${i}`, size);
    });
    group.parts.forEach((part, p) => {
      part.shape.forEach((size, d) => {
        if ((part.rows?.[d] ?? -1) < 0) this.#add(`${p} ${d}`, size);
      });
    });
    if (group.contract !== undefined) this.#add('k', group.contract.inputs[0].shape.at(-1)!);
  }
  #add(name: string, size: number): void {
    const sizes = this.splits.get(name) ?? [size];
    this.axesOf.set(
      name,
      sizes.map((s) => {
        this.#logical.push(name);
        return this.sizes.push(s) - 1;
      }),
    );
  }

  /** The axes of a dimension of a part. */
  axesOfDim(part: number, d: number): readonly number[] {
    const row = this.group.parts[part].rows?.[d] ?? -1;
    return this.axesOf.get(row >= 0 ? `row ${row}` : `${part} ${d}`)!;
  }
  get rowAxes(): number[] {
    return (this.group.rowShape ?? []).flatMap((_, i) => this.axesOf.get(`row ${i}`)!);
  }

  /** A logical axis as a position. */
  dim(axes: readonly number[]): Dim {
    const dim = constantDim(0, this.sizes.length);
    const stride = [...dim.stride];
    let unit = 1;
    for (const k of [...axes].reverse()) {
      stride[k] = unit;
      unit *= this.sizes[k];
    }
    return { base: 0, stride };
  }

  /** The position of a part's own index. */
  start(part: number): Position {
    return { dims: this.group.parts[part].shape.map((_, d) => this.dim(this.axesOfDim(part, d))), bounds: [] };
  }

  /** The same with an axis split. */
  split({ axis, factor }: NeedSplit): Space {
    const name = this.#logical[axis];
    const axes = this.axesOf.get(name)!;
    const sizes = axes.flatMap((k) => (k === axis ? [this.sizes[k] / factor, factor] : [this.sizes[k]]));
    return new Space(this.group, new Map([...this.splits, [name, sizes]]));
  }
}

/** Attempts with finer and finer axes until every view is affine. */
export function refine<T>(group: Group, attempt: (space: Space) => T): T {
  let space = new Space(group, new Map());
  for (let i = 0; i < 64; i++) {
    try {
      return attempt(space);
    } catch (error) {
      if (!(error instanceof NeedSplit)) throw error;
      space = space.split(error);
    }
  }
  throw new Error('a view does not settle');
}
