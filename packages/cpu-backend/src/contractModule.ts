import type { FunctionBuilder, ModuleBuilder } from './assembler.js';
import type { Body } from './body.js';
import type { ContractPlan, Direct } from './contractPlan.js';
import { argumentLayout } from './emitLoops.js';
import { Lanes } from './lanes.js';
import { Linears, Nest } from './nest.js';
import type { Target } from './target.js';

/** A function of the module: its parameters, and linears that it takes from the frame. */
export interface Site {
  readonly fn: FunctionBuilder;
  readonly o: Lanes;
  readonly nest: Nest;
}

/** The frame: addresses of the argument block, of a block of windows, of the offsets of terms, then of each linear. */
export const FRAME = { args: 0, windows: 4, terms: 8, linears: 12 } as const;

/**
 * Bytes between packed strips. Without them, strips whose length is a multiple of the page size would fall on the same
 * few lines of the cache, and be written to side by side.
 */
export const STRIP_GAP = 64;

/**
 * What the functions of a contraction share: the plan, and a frame in working memory that holds the argument block's
 * address, then where each linear stands for the current batch (`FRAME`).
 */
export class ContractModule {
  readonly linears = new Linears();
  /** Columns of a strip. */
  readonly strip: number;
  /** Bytes from one row of the finished sums of a block to the next. */
  readonly sumsRow: number;
  /** Whether the sums of a whole block are kept, not of a tile only. */
  readonly keepsSums: boolean;
  /** Buffers that are not the launch's: packed operands, finished sums. */
  readonly packed: number;
  readonly sums: number;

  constructor(
    readonly plan: ContractPlan,
    readonly module: ModuleBuilder,
    readonly target: Target,
  ) {
    const { tile, width, stripBlock, bytes, inRegisters, kBlocks, kernel } = plan;
    this.strip = tile.vectors * width;
    this.sumsRow = stripBlock * this.strip * bytes;
    this.keepsSums = !inRegisters || kBlocks > 1;
    this.packed = kernel.buffers.length;
    this.sums = this.packed + 1;
  }

  site(fn: FunctionBuilder): Site {
    return { fn, o: new Lanes(fn, this.module, this.target), nest: new Nest(fn, this.linears.all) };
  }

  directPlace({ load }: Direct): { linear: number; offset: number } {
    return this.linears.place(load.at.buffer, load.at.index, this.plan.bytes);
  }

  /** Pushes where a linear stands in the current batch. */
  fromFrame(fn: FunctionBuilder, frame: number, linear: number): void {
    fn.get(frame).memory('i32.load', FRAME.linears + 4 * linear);
  }

  /** Connects a body to the function, and its linears to the frame. */
  attach({ fn, o, nest }: Site, body: Body, frame: number): void {
    const args = fn.local('i32');
    fn.get(frame).memory('i32.load', FRAME.args).set(args);
    body.attach({ o, nest, args, scalars: argumentLayout(this.plan.kernel).scalars });
    for (const id of body.linears) {
      nest.at[id] = fn.local('i32');
      if (this.linears.all[id].buffer >= this.packed) continue;
      this.fromFrame(fn, frame, id);
      fn.set(nest.at[id]);
    }
  }
}
