import { collapseAxes, type Ids, type Kernel, storesOf } from '@kindling/compiler';
import type { Expr, FunctionBuilder, ModuleBuilder } from './assembler.js';
import { ContractModule, FRAME, STRIP_GAP } from './contractModule.js';
import { copyWindows, writeOffsets } from './copyWindows.js';
import { planContract, type ContractPlan, type Direct } from './contractPlan.js';
import { asDotProducts } from './dotProducts.js';
import { emitLoops, type Emitted } from './emitLoops.js';
import { finishBlock } from './finishBlock.js';
import { finishTurned } from './finishTurned.js';
import { decompose } from './groups.js';
import { kernelFunction } from './kernelFunction.js';
import { packOperand } from './packOperand.js';
import type { Target } from './target.js';
import { stripOfTiles } from './tiles.js';
import { layoutOf } from './windows.js';

/** What one product and addition takes, for each byte of the type. */
const NANOSECONDS = 0.011;

export function emitContract(original: Kernel, module: ModuleBuilder, target: Target): Emitted {
  const kernel = collapseAxes(original);
  const sums = asDotProducts(kernel);
  if (sums) return emitLoops(sums, module, target);
  return new ContractEmitter(planContract(kernel, target), module, target).emit();
}

/**
 * A blocked matrix product. Operands that do not lie ready in memory are evaluated block by block into working memory:
 * B in strips as wide as a tile, A with its rows beside each other. The sums of a tile stay in registers along k.
 */
class ContractEmitter {
  private readonly contract: ContractModule;
  private readonly run: FunctionBuilder;
  private readonly packA: FunctionBuilder | undefined;
  private readonly packB: FunctionBuilder | undefined;
  private readonly finish: FunctionBuilder | undefined;
  /** For the last strip, if it is narrower, and for the others. */
  private readonly tiles: readonly FunctionBuilder[];
  private readonly scratch: Readonly<Record<'a' | 'rows' | 'terms' | 'b' | 'c' | 'bytes', number>>;

  constructor(
    private readonly plan: ContractPlan,
    module: ModuleBuilder,
    target: Target,
  ) {
    const { body, bytes, rowBlock, rowGroup, stripBlock, blockDepth, a, b, columns, strips, width, tile, windows } =
      plan;
    this.run = kernelFunction(module);
    const contract = (this.contract = new ContractModule(plan, module, target));
    const { strip, keepsSums, sumsRow } = contract;
    for (const operand of [a, b]) if (operand) contract.directPlace(operand);
    this.packA = windows
      ? copyWindows(contract, windows)
      : a
        ? undefined
        : packOperand(contract, body.a, body.m, rowBlock, 4);
    this.packB = b ? undefined : packOperand(contract, body.b, body.n, strip, tile.vectors);
    this.finish = plan.inRegisters ? undefined : windows ? finishTurned(contract) : finishBlock(contract);
    const narrow = columns - (strips - 1) * strip;
    this.tiles = [
      ...(narrow < strip ? [stripOfTiles(contract, Math.ceil(narrow / width), ((narrow - 1) % width) + 1)] : []),
      ...(narrow === strip || strips > 1 ? [stripOfTiles(contract, tile.vectors, width)] : []),
    ];
    let end = FRAME.linears + 4 * contract.linears.all.length;
    const take = (size: number) => {
      const at = Math.ceil(end / 64) * 64;
      end = at + size;
      return at;
    };
    const at = {
      a: take(windows ? this.copied : a ? 0 : rowBlock * blockDepth * bytes),
      rows: take(windows ? 4 * rowBlock : 0),
      terms: take(windows ? 4 * blockDepth : 0),
      b: take(b ? 0 : stripBlock * (strip * blockDepth * bytes + STRIP_GAP)),
      c: take((keepsSums ? rowGroup : tile.rows) * sumsRow),
    };
    this.scratch = { ...at, bytes: end };
  }

  emit(): Emitted {
    const { plan } = this;
    const { kernel, body, rows, columns, depth, batches, strips, rowPart } = plan;
    const rowParts = Math.ceil(rows / rowPart);
    const groups = batches * rowParts;
    const fn = this.run;
    const [args, from, to, scratch] = [0, 1, 2, 3];
    const empty = rows * columns * batches === 0;
    if (!empty) {
      fn.get(scratch).get(args).memory('i32.store', FRAME.args);
      this.openWindows();
      if (groups === 1) {
        this.bindBatch(new Map());
        this.product(from, to, () => fn.i32(0), () => fn.i32(rows)); // prettier-ignore
      } else {
        // units of the same rows follow each other
        const [group, strip, stripEnd, row] = [fn.local('i32'), fn.local('i32'), fn.local('i32'), fn.local('i32')];
        const least = (a: Expr, b: Expr) => {
          for (const push of [a, b, a, b]) push();
          fn.op('i32.lt_s').op('select');
        };
        this.counted(from, 0, () => fn.get(to), () => {
          fn.get(from).i32(strips).op('i32.div_u').set(group);
          fn.get(from).i32(strips).op('i32.rem_u').set(strip);
          least(() => fn.i32(strips), () => fn.get(strip).get(to).op('i32.add').get(from).op('i32.sub'));
          fn.tee(stripEnd).get(strip).op('i32.sub').get(from).op('i32.add').set(from);
          fn.get(group).i32(rowParts).op('i32.rem_u').times(rowPart).set(row);
          fn.scope(() => {
            fn.get(group).i32(rowParts).op('i32.div_u').set(group);
            this.bindBatch(decompose(fn, kernel.axes, body.batch, group));
          });
          this.product(strip, stripEnd, () => fn.get(row), () => least(() => fn.get(row).plus(rowPart), () => fn.i32(rows)));
        }); // prettier-ignore
      }
    }
    return {
      extent: empty ? 0 : groups * strips,
      divisible: storesOf(body).every(({ mode }) => mode === 'set'),
      time: {
        unit: (rows / rowParts) * depth * (columns / strips) * plan.bytes * NANOSECONDS,
        call: this.copied > 0 ? (this.copied / 4) * (rowPart / plan.rowBlock) * plan.kBlocks * 0.2 : (rows / rowParts) * depth * (plan.a ? 0.02 : 0.1), // prettier-ignore
      },
      scratch: this.scratch.bytes,
      form: plan,
    };
  }

  /** Bytes of a block of what windows lie over. */
  private get copied(): number {
    const { windows, block } = this.plan;
    return windows ? layoutOf(windows, block!).size * 4 : 0;
  }

  /** Writes where windows begin and how far their terms lie from there; zeros, around which copies are written. */
  private openWindows(): void {
    const { run: fn, scratch } = this;
    const { windows, block, body, kernel } = this.plan;
    if (!windows) return;
    const { steps } = layoutOf(windows, block!);
    const at = (place: number) => () => void fn.get(3).plus(place);
    const sizes = (axes: Ids) => axes.map((axis, i) => ({ axis, size: i === 0 ? (block!.get(axis) ?? kernel.axes[axis]) : kernel.axes[axis] })); // prettier-ignore
    writeOffsets(fn, windows, steps, sizes(body.m), true, at(scratch.rows));
    writeOffsets(fn, windows, steps, sizes(body.k), false, at(scratch.terms));
    fn.get(3).get(3).plus(scratch.a).memory('i32.store', FRAME.windows);
    fn.get(3).get(3).plus(scratch.terms).memory('i32.store', FRAME.terms);
    fn.scope(() => {
      const [to, end] = [fn.local('i32'), fn.local('i32')];
      fn.get(3).plus(scratch.a).tee(to).plus(this.copied).set(end);
      this.counted(to, 16, () => fn.get(end), () => {
        fn.get(to);
        fn.constant(new Uint8Array(16))();
        fn.memory('v128.store', 0);
      }); // prettier-ignore
    });
  }

  /** for (; i < to; i += step) */
  private counted(i: number, step: number, to: () => void, body: () => void): void {
    const fn = this.run;
    fn.block(() =>
      fn.loop(() => {
        fn.get(i);
        to();
        fn.op('i32.ge_u').branch(1);
        body();
        fn.get(i).plus(step).set(i).branch(0, false);
      }),
    );
  }

  /** Writes to the frame where each linear stands in a batch. */
  private bindBatch(batch: ReadonlyMap<number, number>): void {
    const fn = this.run;
    this.contract.linears.all.forEach(({ buffer, base, stride }, id) => {
      if (buffer >= this.contract.packed) return;
      fn.get(3);
      if (buffer < 0) fn.i32(base);
      else
        fn.get(0)
          .memory('i32.load', buffer * 4)
          .plus(base);
      for (const [axis, local] of batch) if (stride[axis]) fn.get(local).times(stride[axis]).op('i32.add');
      fn.memory('i32.store', FRAME.linears + 4 * id);
    });
  }

  /** One batch's product, over a range of strips and one of rows. */
  private product(from: number, to: number, firstRow: Expr, endRow: Expr): void {
    const { plan, run: fn, scratch } = this;
    const { columns, rowBlock, rowGroup, stripBlock, kBlock, kBlocks, body, depth, kernel, bytes } = plan;
    const { packA, packB, finish, contract } = this;
    const { strip: width, sumsRow, keepsSums } = contract;
    const kSize = body.k.length > 0 ? kernel.axes[body.k[0]] : 1;
    const termsEach = kSize > 0 ? depth / kSize : 0;
    const frame = 3;
    const local = () => fn.local('i32');
    fn.scope(() => {
      const stripEnd = local();
      const [group, groupEnd, kFrom, kTo, terms, flags] = [local(), local(), local(), local(), local(), local()];
      // a group of one block is that block
      const [row, rowEnd] = rowGroup > rowBlock ? [local(), local()] : [group, groupEnd];
      const min = (a: () => void, b: () => void) => {
        for (const push of [a, b, a, b]) push();
        fn.op('i32.lt_s').op('select');
      };
      const block = (start: number, step: number, limit: () => void) => min(() => fn.get(start).plus(step), limit);
      // the last strip may be narrower
      const column = (strip: number) => min(() => fn.get(strip).times(width), () => fn.i32(columns)); // prettier-ignore
      const pack = (f: FunctionBuilder | undefined, range: () => void, at: number) => {
        if (!f) return;
        fn.get(frame);
        range();
        fn.get(kFrom).get(kTo).get(terms).get(frame).plus(at).call(f.index);
      };
      const packStrips = () => pack(packB, () => (column(from), column(stripEnd)), scratch.b);
      fn.i32(0).set(kFrom).i32(kSize).set(kTo).i32(depth).set(terms).i32(3).set(flags);
      const alongK = (inner: () => void) => {
        if (kBlocks === 1) return inner();
        fn.i32(0).set(kFrom);
        this.counted(kFrom, kBlock, () => fn.i32(kSize), () => {
          block(kFrom, kBlock, () => fn.i32(kSize));
          fn.tee(kTo).get(kFrom).op('i32.sub').times(termsEach).set(terms);
          // bit 0: begin with 0; bit 1: these are the last terms
          fn.get(kFrom).op('i32.eqz').get(kTo).i32(kSize).op('i32.eq').i32(1).op('i32.shl').op('i32.or').set(flags);
          inner();
        }); // prettier-ignore
      };
      const operand = (direct: Direct | undefined, step: number, index: number) => {
        if (!direct) return;
        const { linear, offset } = contract.directPlace(direct);
        contract.fromFrame(fn, frame, linear);
        fn.plus(offset);
        fn.get(kFrom).times(direct.kStep).op('i32.add').get(index).times(step).op('i32.add');
      };
      const tilesOfStrip = (strip: number) => {
        const within = () => fn.get(strip).get(from).op('i32.sub');
        const call = (f: FunctionBuilder) => () => {
          if (plan.windows) fn.get(frame).plus(scratch.rows);
          else if (plan.a) operand(plan.a, plan.a.step, row);
          else fn.get(frame).plus(scratch.a);
          if (plan.b) operand(plan.b, width * bytes, strip);
          else {
            fn.get(terms)
              .times(width * bytes)
              .plus(STRIP_GAP);
            within();
            fn.op('i32.mul').get(frame).plus(scratch.b).op('i32.add');
          }
          fn.get(terms).get(row).get(rowEnd).get(strip).times(width);
          within();
          fn.times(width * bytes)
            .get(frame)
            .plus(scratch.c)
            .op('i32.add');
          if (keepsSums && row !== group) fn.get(row).get(group).op('i32.sub').times(sumsRow).op('i32.add');
          fn.get(frame).get(flags).call(f.index);
        };
        const [last, other] = this.tiles;
        if (!other) return call(last)();
        fn.get(strip)
          .i32(plan.strips - 1)
          .op('i32.eq');
        fn.if(call(last), call(other));
      };
      this.counted(from, stripBlock, () => fn.get(to), () => {
        block(from, stripBlock, () => fn.get(to));
        fn.set(stripEnd);
        if (kBlocks === 1) packStrips();
        firstRow();
        fn.set(group);
        this.counted(group, rowGroup, endRow, () => {
          block(group, rowGroup, endRow);
          fn.set(groupEnd);
          alongK(() => {
            if (kBlocks > 1) packStrips();
            const rows = () => {
              pack(packA, () => fn.get(row).get(rowEnd), scratch.a);
              fn.scope(() => {
                const strip = local();
                fn.get(from).set(strip);
                this.counted(strip, 1, () => fn.get(stripEnd), () => tilesOfStrip(strip)); // prettier-ignore
              });
            };
            if (row === group) return rows();
            fn.get(group).set(row);
            this.counted(row, rowBlock, () => fn.get(groupEnd), () => {
              block(row, rowBlock, () => fn.get(groupEnd));
              fn.set(rowEnd);
              rows();
            }); // prettier-ignore
          });
          if (finish) {
            fn.get(frame).get(group).get(groupEnd);
            column(from);
            column(stripEnd);
            fn.get(frame).plus(scratch.c).call(finish.index);
          }
        });
      }); // prettier-ignore
    });
  }
}
