import type { Expr, FunctionBuilder } from './assembler.js';
import type { Lanes } from './lanes.js';

/** A number that is at least 0 and less than `size` where a lane is inside. */
export interface LaneBound {
  /** Pushes the number of the first lane. */
  readonly push: () => FunctionBuilder;
  /** How much it grows from lane to lane. */
  readonly stride: number;
  readonly size: number;
}

/** Bytes around an array that may be read: lanes out of bounds, which do not count. */
const AROUND = 64;

/** Lanes of which some may be out of bounds: these are 0. */
export function loadInside(
  o: Lanes,
  bounds: readonly LaneBound[],
  load: {
    readonly lanes: number;
    readonly bits: number;
    /** Pushes whether the bounds hold that all lanes share. */
    readonly shared: Expr | undefined;
    /** Pushes all lanes. */
    readonly read: Expr;
    /** Pushes the address of a lane and returns the offset that the memory instruction adds. */
    readonly address: (lane: number) => number;
    /** Bytes from the first lane to the last, unless they lie anywhere. */
    readonly reach: number | undefined;
  },
): Expr {
  const { fn } = o;
  const { lanes, bits, shared, read, address, reach = Infinity } = load;
  const zero = o.int(0);
  /** Pushes whether each number, with something added, is less than so much. */
  const holds = (of: (bound: LaneBound) => { plus: number; size: number }) => {
    shared?.();
    bounds.forEach((bound, i) => {
      const { plus, size } = of(bound);
      bound.push().plus(plus).i32(Math.max(0, size)).op('i32.lt_u');
      if (shared || i > 0) fn.op('i32.and');
    });
  };
  const rise = ({ stride }: LaneBound) => (lanes - 1) * stride;
  const all = () => holds((b) => ({ plus: Math.min(0, rise(b)), size: b.size - Math.abs(rise(b)) }));
  const some = () => holds((b) => ({ plus: Math.max(0, rise(b)), size: b.size + Math.abs(rise(b)) }));
  const masked = () => {
    const [{ push, stride, size }] = bounds;
    read();
    push().op('i32x4.splat');
    fn.constant(new Uint8Array(Int32Array.from([0, 1, 2, 3], (i) => stride * Math.floor((i * 32) / bits)).buffer))();
    fn.op('i32x4.add').i32(size).op('i32x4.splat').op('i32x4.lt_u').op('v128.and');
  };
  const oneByOne = () => {
    const result = fn.local('v128');
    zero();
    fn.set(result);
    for (let lane = 0; lane < lanes; lane++) {
      holds(({ stride, size }) => ({ plus: lane * stride, size }));
      fn.if(() => {
        const offset = address(lane);
        fn.get(result).memory(`v128.load${bits}_lane`, offset, lane).set(result);
      });
    }
    fn.get(result);
  };
  // where some lane is inside, the others lie near it and may be read, too; lanes do not step over all that is inside
  const isNear = reach <= AROUND && bounds.length === 1 && bounds[0].size >= Math.abs(bounds[0].stride);
  const partly = () => {
    some();
    fn.if(masked, zero, 'v128');
  };
  return () => {
    all();
    fn.if(read, lanes === 1 ? zero : isNear ? partly : oneByOne, 'v128');
  };
}
