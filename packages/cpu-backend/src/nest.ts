import type { Affine } from '@kindling/compiler';
import type { Expr, FunctionBuilder } from './assembler.js';

/** A byte address within a buffer, or a number (buffer −1), which grows by a fixed step along each axis. */
export interface Linear {
  readonly buffer: number;
  readonly base: number;
  readonly stride: readonly number[];
  /** Whether the address may lie before the buffer, for an access that then loads nothing. */
  readonly strays: boolean;
}

/** Where an access is: a linear and a fixed distance from it. */
export interface Place {
  readonly linear: number;
  readonly offset: number;
}

/** The linears of a kernel. Accesses that differ by a constant share one. */
export class Linears {
  readonly all: Linear[] = [];
  private readonly known = new Map<string, number>();

  place(buffer: number, { base, stride }: Affine, scale: number, strays = false): Place {
    const key = `${buffer}:${scale}:${stride.join()}`;
    let linear = this.known.get(key);
    // from an address below 0 a memory instruction, whose addition does not wrap, finds no way back
    if (linear === undefined || (this.all[linear].strays && !strays)) {
      linear = this.all.push({ buffer, base: base * scale, stride: stride.map((s) => s * scale), strays }) - 1;
      this.known.set(key, linear);
    }
    return { linear, offset: base * scale - this.all[linear].base };
  }
}

/** One stretch of a loop: `trips` times the body, each `step` further along the axis. */
export interface Part {
  readonly trips: number | Expr;
  readonly step: number;
  readonly body: () => void;
  /** Runs after every `every` trips, and after the last. */
  readonly strip?: { readonly every: number; readonly flush: () => void };
}

/** Loops with the linears that move in them. At any point of the code, `at` says which local holds each linear. */
export class Nest {
  at: number[] = [];

  constructor(
    readonly fn: FunctionBuilder,
    readonly linears: readonly Linear[],
  ) {}

  /** Sets linears to their places at index 0 of all axes, given what pushes the address of a buffer. */
  begin(ids: Iterable<number>, address: (buffer: number, linear: number) => void): void {
    for (const id of ids) {
      const { buffer, base } = this.linears[id];
      this.at[id] = this.fn.local('i32');
      if (buffer < 0) this.fn.i32(base);
      else {
        address(buffer, id);
        this.fn.plus(base);
      }
      this.fn.set(this.at[id]);
    }
  }

  /** Within `body`, linears that follow `axis` have locals of their own, begun at index `start`. */
  open(axis: number, ids: Iterable<number>, start: Expr | undefined, body: (moving: readonly number[]) => void): void {
    const { fn } = this;
    const outside = this.at.slice();
    fn.scope(() => {
      const moving = [...ids].filter((id) => this.linears[id].stride[axis]);
      for (const id of moving) {
        fn.get(this.at[id]);
        if (start) {
          start();
          fn.times(this.linears[id].stride[axis]).op('i32.add');
        }
        fn.set((this.at[id] = fn.local('i32')));
      }
      body(moving);
    });
    this.at = outside;
  }

  loop(axis: number, ids: Iterable<number>, parts: readonly Part[], start?: Expr): void {
    this.open(axis, ids, start, (moving) => {
      for (const { trips, step, body, strip } of parts) {
        const once = () => {
          this.fn.scope(body);
          for (const id of moving) {
            const at = this.at[id];
            this.fn
              .get(at)
              .plus(this.linears[id].stride[axis] * step)
              .set(at);
          }
        };
        if (!strip || typeof trips !== 'number') repeat(this.fn, trips, once);
        else {
          repeat(this.fn, Math.floor(trips / strip.every), () => {
            repeat(this.fn, strip.every, once);
            strip.flush();
          });
          repeat(this.fn, trips % strip.every, once);
        }
      }
      for (const { strip } of parts.slice(-1)) strip?.flush();
    });
  }
}

/** Runs code a number of times: known now, or, as an expression, when the code runs. */
function repeat(fn: FunctionBuilder, trips: number | Expr, body: () => void): void {
  if (typeof trips === 'number' && trips < 2) {
    if (trips === 1) body();
    return;
  }
  fn.scope(() => {
    const left = fn.local('i32');
    const run = () =>
      fn.loop(() => {
        body();
        fn.get(left).plus(-1).tee(left).branch(0);
      });
    if (typeof trips === 'number') {
      fn.i32(trips).set(left);
      run();
    } else {
      trips();
      fn.tee(left).i32(0).op('i32.gt_s');
      fn.if(run);
    }
  });
}
