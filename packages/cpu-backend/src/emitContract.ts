import type { Ids, Inst, Kernel, Operand } from '@kindling/compiler';
import type { Expr, FunctionBuilder, ModuleBuilder } from './assembler.js';
import { Body } from './body.js';
import { rowMajor } from './collapseAxes.js';
import { planContract, type ContractPlan, type Direct } from './contractPlan.js';
import { argumentLayout, widthOf, writtenBuffers, type Emitted } from './emitLoops.js';
import { Lanes, shapeOf } from './lanes.js';
import { Linears, Nest } from './nest.js';

/** What one product and addition takes, for each byte of the type. */
const NANOSECONDS = 0.011;

export function emitContract(kernel: Kernel, module: ModuleBuilder, relaxed: boolean): Emitted {
  return new ContractEmitter(planContract(kernel, relaxed), module, relaxed).emit();
}

/** A function of the module: its parameters, and linears that it takes from the frame. */
interface Site {
  readonly fn: FunctionBuilder;
  readonly o: Lanes;
  readonly nest: Nest;
}

/**
 * A blocked matrix product. Operands that do not lie ready in memory are evaluated block by block into working memory:
 * B in strips as wide as a tile, A with its rows beside each other. The sums of a tile stay in registers along k.
 *
 * The functions of the module share a frame in working memory: the argument block's address, then where each linear
 * stands for the current batch.
 */
class ContractEmitter {
  private readonly linears = new Linears();
  private readonly run: FunctionBuilder;
  private readonly packA: FunctionBuilder | undefined;
  private readonly packB: FunctionBuilder | undefined;
  private readonly finish: FunctionBuilder | undefined;
  /** For the last strip, if it is narrower, and for the others. */
  private readonly tiles: readonly FunctionBuilder[];
  private readonly scratch: { readonly a: number; readonly b: number; readonly c: number; readonly bytes: number };

  constructor(
    private readonly plan: ContractPlan,
    private readonly module: ModuleBuilder,
    private readonly relaxed: boolean,
  ) {
    const { body, bytes, rowBlock, stripBlock, blockDepth, a, b, columns, strips, width, tile } = plan;
    this.run = module.function('run', ['i32', 'i32', 'i32', 'i32']);
    for (const operand of [a, b]) if (operand) this.directPlace(operand);
    this.packA = a ? undefined : this.packing(body.a, body.m, rowBlock, 4);
    this.packB = b ? undefined : this.packing(body.b, body.n, this.strip, tile.vectors);
    this.finish = plan.inRegisters ? undefined : this.finishing();
    const narrow = columns - (strips - 1) * this.strip;
    this.tiles = [
      ...(narrow < this.strip ? [this.stripFunction(Math.ceil(narrow / width), ((narrow - 1) % width) + 1)] : []),
      ...(narrow === this.strip || strips > 1 ? [this.stripFunction(tile.vectors, width)] : []),
    ];
    let end = 4 + 4 * this.linears.all.length;
    const take = (size: number) => {
      const at = Math.ceil(end / 64) * 64;
      end = at + size;
      return at;
    };
    const at = {
      a: take(a ? 0 : rowBlock * blockDepth * bytes),
      b: take(b ? 0 : stripBlock * this.strip * blockDepth * bytes),
      c: take((this.keepsSums ? rowBlock : tile.rows) * this.sumsRow),
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
      fn.get(scratch).get(args).memory('i32.store', 0);
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
    const show = (list: Ids) => list.map((axis) => `a${axis}<${kernel.axes[axis]}`).join(' ') || '1';
    const { tile, rowBlock, stripBlock, blockDepth } = plan;
    return {
      extent: empty ? 0 : groups * strips,
      time: {
        unit: (rows / rowParts) * depth * (columns / strips) * plan.bytes * NANOSECONDS,
        call: (rows / rowParts) * depth * (plan.a ? 0.02 : 0.4),
      },
      scratch: this.scratch.bytes,
      listing: [
        `contract ${body.dtype} m(${show(body.m)}) n(${show(body.n)}) k(${show(body.k)}) × ${batches}`,
        `  tile ${tile.rows} × ${this.strip}, blocks ${rowBlock} × ${stripBlock * this.strip} × ${blockDepth}`,
        `  a ${plan.a ? 'in place' : 'packed'}, b ${plan.b ? 'in place' : 'packed'}`,
        `  epilogue on ${plan.inRegisters ? 'registers' : 'blocks'}: ${body.epilogue.code.map(({ op }) => op).join(', ')}`,
      ].join('\n'),
    };
  }

  /** Columns of a strip. */
  private get strip(): number {
    return this.plan.tile.vectors * this.plan.width;
  }

  /** Bytes from one row of the finished sums of a block to the next. */
  private get sumsRow(): number {
    return this.plan.stripBlock * this.strip * this.plan.bytes;
  }

  /** Whether the sums of a whole block are kept, not of a tile only. */
  private get keepsSums(): boolean {
    return !this.plan.inRegisters || this.plan.kBlocks > 1;
  }

  /** Buffers that are not the launch's: packed operands, finished sums. */
  private get packed(): number {
    return this.plan.kernel.buffers.length;
  }

  private get sums(): number {
    return this.packed + 1;
  }

  private directPlace({ load }: Direct): { linear: number; offset: number } {
    return this.linears.place(load.at.buffer, load.at.index, this.plan.bytes);
  }

  /** for (; i < to; i += step) */
  private counted(i: number, step: number, to: () => void, body: () => void): void {
    const fn = this.run;
    fn.block(() =>
      fn.loop(() => {
        fn.get(i);
        to();
        fn.op('i32.ge_s').branch(1);
        body();
        fn.get(i).plus(step).set(i).branch(0, false);
      }),
    );
  }

  /** Writes to the frame where each linear stands in a batch. */
  private bindBatch(batch: ReadonlyMap<number, number>): void {
    const fn = this.run;
    this.linears.all.forEach(({ buffer, base, stride }, id) => {
      if (buffer >= this.packed) return;
      fn.get(3);
      if (buffer < 0) fn.i32(base);
      else
        fn.get(0)
          .memory('i32.load', buffer * 4)
          .plus(base);
      for (const [axis, local] of batch) if (stride[axis]) fn.get(local).times(stride[axis]).op('i32.add');
      fn.memory('i32.store', 4 + 4 * id);
    });
  }

  /** One batch's product, over a range of strips and one of rows. */
  private product(from: number, to: number, firstRow: Expr, endRow: Expr): void {
    const { plan, run: fn, scratch } = this;
    const { columns, rowBlock, stripBlock, kBlock, kBlocks, body, depth, kernel, bytes } = plan;
    const { packA, packB, finish } = this;
    const kSize = body.k.length > 0 ? kernel.axes[body.k[0]] : 1;
    const termsEach = kSize > 0 ? depth / kSize : 0;
    const frame = 3;
    const local = () => fn.local('i32');
    fn.scope(() => {
      const stripEnd = local();
      const [row, rowEnd, kFrom, kTo, terms, flags] = [local(), local(), local(), local(), local(), local()];
      const min = (a: () => void, b: () => void) => {
        for (const push of [a, b, a, b]) push();
        fn.op('i32.lt_s').op('select');
      };
      const block = (start: number, step: number, limit: () => void) => min(() => fn.get(start).plus(step), limit);
      // the last strip may be narrower
      const column = (strip: number) => min(() => fn.get(strip).times(this.strip), () => fn.i32(columns)); // prettier-ignore
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
        const { linear, offset } = this.directPlace(direct);
        fn.get(frame)
          .memory('i32.load', 4 + 4 * linear)
          .plus(offset);
        fn.get(kFrom).times(direct.kStep).op('i32.add').get(index).times(step).op('i32.add');
      };
      const tilesOfStrip = (strip: number) => {
        const within = () => fn.get(strip).get(from).op('i32.sub');
        const call = (f: FunctionBuilder) => () => {
          if (plan.a) operand(plan.a, plan.a.step, row);
          else fn.get(frame).plus(scratch.a);
          if (plan.b) operand(plan.b, this.strip * bytes, strip);
          else {
            within()
              .get(terms)
              .op('i32.mul')
              .times(this.strip * bytes);
            fn.get(frame).plus(scratch.b).op('i32.add');
          }
          fn.get(terms).get(row).get(rowEnd).get(strip).times(this.strip);
          within().times(this.strip * bytes);
          fn.get(frame).plus(scratch.c).op('i32.add').get(frame).get(flags).call(f.index);
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
        fn.set(row);
        this.counted(row, rowBlock, endRow, () => {
          block(row, rowBlock, endRow);
          fn.set(rowEnd);
          alongK(() => {
            if (kBlocks > 1) packStrips();
            pack(packA, () => fn.get(row).get(rowEnd), scratch.a);
            fn.scope(() => {
              const strip = local();
              fn.get(from).set(strip);
              this.counted(strip, 1, () => fn.get(stripEnd), () => tilesOfStrip(strip));
            });
          });
          if (finish) {
            fn.get(frame).get(row).get(rowEnd);
            column(from);
            column(stripEnd);
            fn.get(frame).plus(scratch.c).call(finish.index);
          }
        });
      }); // prettier-ignore
    });
  }

  private site(fn: FunctionBuilder): Site {
    return { fn, o: new Lanes(fn, this.module, this.relaxed), nest: new Nest(fn, this.linears.all) };
  }

  /** Connects a body to the function, and its linears to the frame. */
  private attach({ fn, o, nest }: Site, body: Body, frame: number): void {
    const args = fn.local('i32');
    fn.get(frame).memory('i32.load', 0).set(args);
    body.attach({ o, nest, args, scalars: argumentLayout(this.plan.kernel).scalars });
    for (const id of body.linears) {
      nest.at[id] = fn.local('i32');
      if (this.linears.all[id].buffer >= this.packed) continue;
      fn.get(frame)
        .memory('i32.load', 4 + 4 * id)
        .set(nest.at[id]);
    }
  }

  /**
   * The function that evaluates an operand over a range of its own axes and of the first axis of k, into strips that
   * hold, for one index of k after another, `strip` values side by side.
   */
  private packing({ code, out }: Operand, own: Ids, strip: number, vectors: number): FunctionBuilder {
    const { body, bytes, kernel } = this.plan;
    const { k } = body;
    const [frame, from, to, kFrom, kTo, terms, target] = [0, 1, 2, 3, 4, 5, 6];
    const fn = this.module.function('pack', Array(7).fill('i32'));
    const site = this.site(fn);
    const { nest } = site;
    const axis = own[own.length - 1] ?? -1;
    const index = { base: 0, stride: rowMajor(k, kernel.axes).map((s, i) => (i === axis ? 1 : s * strip)) };
    const width = Math.min(widthOf(code), 16 / bytes);
    // what lies together along the lanes is read line by line; else a few lanes go along k before the next
    const byLine = own.length === 1 && k.length > 0 && liesAlong(code, axis);
    const ownDepth = byLine ? k.length + 1 : 1;
    const kDepth = byLine ? 1 : 2;
    const packed = new Body(this.linears, {
      code,
      stores: [{ at: { buffer: this.packed, index }, value: out, mode: 'set' }],
      results: [],
      lanesAxis: axis,
      width,
      depth: new Map([
        ...own.map((a): [number, number] => [a, ownDepth]),
        ...k.map((a, i): [number, number] => [a, kDepth + i]),
      ]),
      priorDepth: 0,
      deepest: k.length + 1,
      written: new Set(),
    });
    this.attach(site, packed, frame);
    const { linear } = this.linears.place(this.packed, index, bytes);
    const others = [...packed.linears].filter((id) => id !== linear);
    packed.enter(0);
    /** Loops over k, from kFrom, which goes to the begin of a strip. */
    const alongK = (inner: () => void): void => {
      const walk = (i: number): void => {
        if (i === k.length) return inner();
        const trips = i === 0 ? () => void fn.get(kTo).get(kFrom).op('i32.sub') : kernel.axes[k[i]];
        const body = () => {
          packed.enter(kDepth + i);
          walk(i + 1);
        };
        nest.loop(k[i], packed.linears, [{ trips, step: 1, body }]);
      };
      if (k.length === 0) return inner();
      nest.open(
        k[0],
        others,
        () => fn.get(kFrom),
        () => walk(0),
      );
    };
    if (byLine) {
      fn.get(target).set(nest.at[linear]);
      alongK(() => this.line(site, packed, { axis, linear, others, width, vectors: vectors * (this.plan.width / width), strip })); // prettier-ignore
      return fn;
    }
    const group = fn.local('i32');
    groups(site, kernel.axes, own, width, { from, to, at: group }, others, (lanes) => {
      packed.resize(1, lanes);
      const relative = () => fn.get(group).get(from).op('i32.sub').i32(strip);
      fn.get(target);
      relative()
        .op('i32.div_u')
        .times(strip * bytes)
        .get(terms)
        .op('i32.mul')
        .op('i32.add');
      relative().op('i32.rem_u').times(bytes).op('i32.add').set(nest.at[linear]);
      packed.enter(1);
      alongK(() => packed.store());
    });
    return fn;
  }

  /** Packs one line: at one index of k, all of an operand's own axis that is wanted. */
  private line(
    { fn, nest }: Site,
    packed: Body,
    o: { axis: number; linear: number; others: number[]; width: number; vectors: number; strip: number },
  ): void {
    const { kernel, bytes } = this.plan;
    const [from, to, terms] = [1, 2, 5];
    const step = o.vectors * o.width;
    const rest = kernel.axes[o.axis] % step;
    const length = () => fn.get(to).get(from).op('i32.sub').i32(step);
    // the range ends at the axis' end or at a multiple of the step
    const atEnd = () => length().op('i32.rem_u').i32(0).op('i32.ne');
    fn.scope(() => {
      const target = fn.local('i32');
      fn.get(nest.at[o.linear]).set(target);
      const part = (trips: () => void, vectors: number, lanes: number) => ({
        trips,
        step: vectors * lanes,
        body: () => {
          packed.resize(vectors, lanes);
          packed.enter(kernelDepth);
          packed.store();
          fn.get(target).plus(vectors * lanes * bytes);
          // the next strip
          if (vectors * lanes === o.strip) fn.get(terms).plus(-1).times(o.strip * bytes).op('i32.add'); // prettier-ignore
          fn.set(target);
        },
      });
      const kernelDepth = this.plan.body.k.length + 1;
      const parts = [part(() => void length().op('i32.div_u'), o.vectors, o.width)];
      if (rest >= o.width) parts.push(part(() => void atEnd().times(Math.floor(rest / o.width)), 1, o.width));
      if (rest % o.width > 0) parts.push(part(() => void atEnd(), 1, rest % o.width));
      const outside = nest.at[o.linear];
      nest.at[o.linear] = target;
      nest.loop(o.axis, o.others, parts, () => fn.get(from));
      nest.at[o.linear] = outside;
    });
  }

  /** The function that runs the epilogue over a block of finished sums. */
  private finishing(): FunctionBuilder {
    const { body, bytes, kernel, width } = this.plan;
    const { m, n, epilogue, dtype } = body;
    const [frame, rowFrom, rowTo, columnFrom, columnTo, sums] = [0, 1, 2, 3, 4, 5];
    const fn = this.module.function('finish', Array(6).fill('i32'));
    const site = this.site(fn);
    const row = rowMajor(m, kernel.axes);
    const rowSize = this.sumsRow / bytes;
    const index = { base: 0, stride: rowMajor(n, kernel.axes).map((s, axis) => s + row[axis] * rowSize) };
    const sum: Inst = { op: 'load', at: { buffer: this.sums, index }, dtype };
    const ending = new Body(this.linears, {
      code: epilogue.code.map((inst) => (inst.op === 'acc' ? sum : inst)),
      stores: epilogue.stores,
      results: [],
      lanesAxis: n[n.length - 1] ?? -1,
      width: Math.min(width, widthOf(epilogue.code)),
      depth: new Map([...m.map((a): [number, number] => [a, 1]), ...n.map((a): [number, number] => [a, 2])]),
      priorDepth: 0,
      deepest: 2,
      written: writtenBuffers(kernel),
    });
    this.attach(site, ending, frame);
    const { linear } = this.linears.place(this.sums, index, bytes);
    if (ending.linears.has(linear)) {
      fn.get(sums).get(rowFrom).times(this.sumsRow).op('i32.sub');
      fn.get(columnFrom).times(bytes).op('i32.sub').set(site.nest.at[linear]);
    }
    ending.enter(0);
    const ids = ending.linears;
    groups(site, kernel.axes, m, 1, { from: rowFrom, to: rowTo, at: fn.local('i32') }, ids, () => {
      ending.enter(1);
      const range = { from: columnFrom, to: columnTo, at: fn.local('i32') };
      groups(site, kernel.axes, n, Math.min(width, widthOf(epilogue.code)), range, ids, (lanes) => {
        ending.resize(1, lanes);
        ending.enter(2);
        ending.store();
      });
    });
    return fn;
  }

  /** The function for one strip of tiles, down the rows of a block. */
  private stripFunction(vectors: number, lastLanes: number): FunctionBuilder {
    const { tile, rows, bytes, a } = this.plan;
    const parameters = Array<'i32'>(9).fill('i32');
    const fn = this.module.function('strip', parameters);
    const [pointer, row, rowEnd, sums] = [0, 3, 4, 6];
    const tileOf = (count: number) => {
      // a function of its own: engines unroll loops within loops, which takes the registers that the sums need
      const one = this.module.function('tile', parameters, false);
      this.tile(this.site(one), count, vectors, lastLanes);
      return () => {
        parameters.forEach((_, local) => fn.get(local));
        fn.call(one.index);
      };
    };
    if (rows >= tile.rows) {
      const full = tileOf(tile.rows);
      fn.block(() =>
        fn.loop(() => {
          fn.get(rowEnd).get(row).op('i32.sub').i32(tile.rows).op('i32.lt_s').branch(1);
          full();
          for (const [local, step] of [
            [pointer, tile.rows * (a ? a.step : bytes)],
            [row, tile.rows],
            [sums, this.keepsSums ? tile.rows * this.sumsRow : 0],
          ] as const)
            fn.get(local).plus(step).set(local);
          fn.branch(0, false);
        }),
      );
    }
    if (rows % tile.rows > 0) {
      const rest = tileOf(rows % tile.rows);
      fn.get(row).get(rowEnd).op('i32.lt_s');
      fn.if(rest);
    }
    return fn;
  }

  /** One tile: the loop along k, then the epilogue. */
  private tile(site: Site, count: number, vectors: number, lastLanes: number): void {
    const { plan } = this;
    const { fn, o } = site;
    const { bytes, kBlocks, depth, inRegisters, rowBlock, body } = plan;
    const [a, b, terms, sums, flags] = [0, 1, 2, 6, 8];
    const shape = shapeOf(body.dtype);
    const many = (length: number) => Array.from({ length }, () => fn.local('v128'));
    const totals = Array.from({ length: count }, () => many(vectors));
    const each = (body: (total: number, offset: number) => void) =>
      totals.forEach((line, i) => line.forEach((total, j) => body(total, i * this.sumsRow + j * 16)));
    const zero = () => each((total) => (o.int(0)(), fn.set(total)));
    if (kBlocks === 1) zero();
    else {
      fn.get(flags).i32(1).op('i32.and');
      fn.if(zero, () => each((total, offset) => fn.get(sums).memory('v128.load', offset).set(total)));
    }
    if (depth > 0) {
      const [pa, pb, left] = [fn.local('i32'), fn.local('i32'), fn.local('i32')];
      fn.get(a).set(pa).get(b).set(pb).get(terms).set(left);
      const lines = many(vectors);
      const value = fn.local('v128');
      const [aStep, aNext] = plan.a ? [plan.a.step, plan.a.kStep] : [bytes, rowBlock * bytes];
      const bNext = plan.b ? plan.b.kStep : this.strip * bytes;
      const loop = () => {
        lines.forEach((line, j) =>
          fn
            .get(pb)
            .memory('v128.load', j * 16)
            .set(line),
        );
        totals.forEach((line, i) => {
          fn.get(pa)
            .memory(`v128.load${bytes * 8}_splat`, i * aStep)
            .set(value);
          line.forEach((total, j) => {
            const get = (local: number): Expr => () => void fn.get(local); // prettier-ignore
            o.madd(get(value), get(lines[j]), get(total), shape)();
            fn.set(total);
          });
        });
        fn.get(pa).plus(aNext).set(pa).get(pb).plus(bNext).set(pb);
        fn.get(left).plus(-1).tee(left).branch(0);
      };
      // the way around the loop is never taken; with it V8 multiplies right after each load, and needs fewer registers
      fn.block(() => {
        fn.get(left).op('i32.eqz').branch(0).loop(loop);
      });
    }
    const keep = () => each((total, offset) => fn.get(sums).get(total).memory('v128.store', offset));
    if (!inRegisters) return keep();
    const { code, stores } = body.epilogue;
    const finish = () => {
      if (stores.every(({ value }) => code[value].op === 'acc'))
        return this.epilogue(site, count, vectors, lastLanes, (i, j) => () => fn.get(totals[i][j]));
      // by way of memory, or V8 would order the loop by the uses of the sums here, and run out of registers
      keep();
      const sum = (i: number, j: number) => () => fn.get(sums).memory('v128.load', i * this.sumsRow + j * 16);
      this.epilogue(site, count, vectors, lastLanes, sum);
    };
    if (kBlocks === 1) return finish();
    fn.get(flags).i32(2).op('i32.and');
    fn.if(finish, keep);
  }

  /** The epilogue on the sums of a tile. */
  private epilogue(
    site: Site,
    count: number,
    vectors: number,
    lastLanes: number,
    sum: (i: number, j: number) => Expr,
  ): void {
    const { body, kernel, width } = this.plan;
    const { fn, nest } = site;
    const [row, column, frame] = [3, 5, 7];
    const [m = -1] = body.m;
    const [n = -1] = body.n;
    let i = 0;
    const ending = new Body(this.linears, {
      code: body.epilogue.code,
      stores: body.epilogue.stores,
      results: [],
      lanesAxis: n,
      width,
      depth: new Map([
        [n, 1],
        [m, 2],
      ]),
      priorDepth: 0,
      deepest: 2,
      written: writtenBuffers(kernel),
      given: (_, u) => sum(i, u),
    });
    ending.shift = (linear, u) => {
      const { stride } = this.linears.all[linear];
      return i * (stride[m] ?? 0) + u * width * (stride[n] ?? 0);
    };
    ending.resize(vectors, width, lastLanes);
    fn.scope(() => {
      this.attach(site, ending, frame);
      for (const id of ending.linears) {
        const { stride } = this.linears.all[id];
        const at = nest.at[id];
        for (const [axis, local] of [
          [m, row],
          [n, column],
        ] as const)
          // prettier-ignore
          if (stride[axis]) fn.get(at).get(local).times(stride[axis]).op('i32.add').set(at);
      }
      ending.enter(0);
      ending.enter(1);
      // row by row, as the sums are computed: the engine orders the additions of the loop by their uses after it
      for (; i < count; i++) {
        fn.scope(() => {
          ending.enter(2);
          ending.store();
        });
      }
    });
  }
}

/** Whether every load that follows an axis finds its neighbours along it side by side. */
function liesAlong(code: readonly Inst[], axis: number): boolean {
  return code.every((inst) => inst.op !== 'load' || inst.at.index.stride[axis] >> 1 === 0);
}

/** Locals with the index on each of some axes, given the position in row-major order. */
function decompose(fn: FunctionBuilder, sizes: Ids, axes: Ids, position: number): Map<number, number> {
  const result = new Map<number, number>();
  const rest = fn.local('i32');
  fn.get(position).set(rest);
  axes.forEach((_, i) => {
    const axis = axes[axes.length - 1 - i];
    const local = fn.local('i32');
    const size = sizes[axis];
    fn.get(rest);
    if (i < axes.length - 1) fn.i32(size).op('i32.rem_u').set(local).get(rest).i32(size).op('i32.div_u').set(rest);
    else fn.set(local);
    result.set(axis, local);
  });
  return result;
}

/**
 * Runs `emit` for every group of `width` neighbours in a range of the row-major order of some axes. Lanes lie along
 * the last axis; where a group would go over its end, its members come one by one. The range begins at a multiple of
 * the width.
 */
function groups(
  { fn, nest }: Site,
  sizes: Ids,
  axes: Ids,
  width: number,
  { from, to, at }: { from: number; to: number; at: number },
  ids: Iterable<number>,
  emit: (lanes: number) => void,
): void {
  const last = axes[axes.length - 1];
  fn.get(from).set(at);
  if (last === undefined) return fn.scope(() => emit(1));
  const size = sizes[last];
  const length = () => fn.get(to).get(from).op('i32.sub');
  if (axes.length === 1) {
    const body = (lanes: number) => () => {
      emit(lanes);
      fn.get(at).plus(lanes).set(at);
    };
    const tail = size % width;
    const parts = [
      { trips: () => void length().i32(Math.log2(width)).op('i32.shr_u'), step: width, body: body(width) },
      { trips: () => void length().i32(width - 1).op('i32.and').i32(0).op('i32.ne'), step: tail, body: body(tail) }, // prettier-ignore
    ];
    nest.loop(last, ids, tail > 0 ? parts : parts.slice(0, 1), () => fn.get(from));
    return;
  }
  const openAll = (locals: ReadonlyMap<number, number>, lanes: number) => {
    const [head, ...tail] = [...locals].map(([axis, local]) => (inner: () => void) => nest.open(axis, ids, () => fn.get(local), inner)); // prettier-ignore
    tail.reduce<() => void>((inner, open) => () => open(inner), () => head(() => emit(lanes)))(); // prettier-ignore
  };
  fn.block(() =>
    fn.loop(() => {
      fn.get(at).get(to).op('i32.ge_s').branch(1);
      fn.scope(() => {
        const locals = decompose(fn, sizes, axes, at);
        const single = () => {
          openAll(locals, 1);
          fn.get(at).plus(1).set(at);
        };
        if (width === 1) return single();
        // a group starts anywhere if the one before was cut
        fn.get(locals.get(last)!).i32(size - width).op('i32.le_s'); // prettier-ignore
        fn.get(at).plus(width).get(to).op('i32.le_s').op('i32.and');
        fn.get(at).get(from).op('i32.sub').i32(width - 1).op('i32.and').op('i32.eqz').op('i32.and'); // prettier-ignore
        fn.if(() => {
          openAll(locals, width);
          fn.get(at).plus(width).set(at);
        }, single);
      });
      fn.branch(0, false);
    }),
  );
}
