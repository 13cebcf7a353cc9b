import { isFloat } from '@kindling/core';
import { type Contract, type Ids, type Kernel, type Operand, wide } from '@kindling/compiler';
import { decompose } from './axes.js';
import { type ContractSize, type DirectTiles, PLAIN, type StagedTiles } from './contractTiles.js';
import { affineExpression, boundsExpression, CodeEmitter } from './instructions.js';
import { Shader, wgslType } from './shader.js';
import type { Stage } from './stage.js';
import { type LoadInst, runsAlong, vectorLoad } from './vectorLoad.js';

/** Terms of one partial sum. */
const PARTIAL = 1024;

/** A contraction in tiles. */
export function emitContract(kernel: Kernel, size: ContractSize, tiles: DirectTiles | StagedTiles): Stage[] {
  if (size.batches * size.rows * size.columns === 0) return [];
  return [new ContractEmitter(kernel, size, tiles).emit()];
}

/** Results of an invocation: one, or the four parts of a vector side by side. */
interface Result {
  readonly sum: string;
  readonly row: string;
  readonly column: string;
}

/** How an operand gets into memory of the workgroup. */
interface Strip {
  readonly name: string;
  readonly operand: Operand;
  readonly own: Ids;
  /** Where the tile begins among rows or columns, and how many of them there are. */
  readonly tile: string;
  readonly extent: number;
  /** Whether neighbours in memory are neighbours among rows or columns, rather than along k. */
  readonly along: boolean;
  /** The load of four neighbours at once, where that is possible. */
  readonly vector: LoadInst | undefined;
  /** Vectors from one index of k to the next. */
  readonly step: number;
}

/** How a strip comes into memory of the workgroup: first into registers, from `k0` on, below `to`. */
interface Fill {
  readonly load: (k0: string, to: string) => void;
  readonly store: () => void;
}

/** The loads of four neighbours that invocations do by themselves. */
interface DirectLoads {
  /** Among rows or columns. */
  readonly aside: { readonly a?: LoadInst | undefined; readonly b?: LoadInst | undefined };
  /** Along k, which goes by fours then. */
  readonly along: { readonly a?: LoadInst | undefined; readonly b?: LoadInst | undefined };
  readonly byFour: boolean;
}
const noVectors: DirectLoads = { aside: {}, along: {}, byFour: false };

class ContractEmitter {
  readonly #shader: Shader;
  readonly #body: Contract;
  readonly #type: string;
  readonly #lines: string[] = [];
  /** Rows and columns of a workgroup. */
  readonly #tile: { readonly rows: number; readonly columns: number };
  readonly #strips: readonly Strip[];
  readonly #loads: DirectLoads;

  constructor(
    readonly kernel: Kernel,
    readonly size: ContractSize,
    readonly tiles: DirectTiles | StagedTiles,
  ) {
    this.#body = kernel.body as Contract;
    this.#strips = tiles.kind === 'staged' ? this.#plan(tiles.side) : [];
    this.#loads = tiles.kind === 'direct' ? this.#directLoads(tiles) : noVectors;
    const { aside, along } = this.#loads;
    const loads = [...this.#strips.map(({ vector }) => vector), aside.a, aside.b, along.a, along.b];
    const vectors = loads.flatMap((load) => (load === undefined ? [] : [load.at.buffer]));
    this.#shader = new Shader(kernel, { vectors: new Set(vectors) });
    this.#type = wgslType(wide(this.#body.dtype));
    this.#tile =
      tiles.kind === 'staged'
        ? { rows: tiles.side, columns: tiles.side }
        : { rows: tiles.rows, columns: tiles.width * tiles.columns };
  }

  emit(): Stage {
    const { size, tiles } = this;
    const lines = this.#lines;
    const [down, across] = [Math.ceil(size.rows / this.#tile.rows), Math.ceil(size.columns / this.#tile.columns)];
    const workgroups = size.batches * down * across;
    lines.push(`if (group >= ${workgroups}u) { return; }`);
    lines.push(`let tile_column = (group % ${across}u) * ${this.#tile.columns}u;`);
    lines.push(`let tile_row = (group / ${across}u % ${down}u) * ${this.#tile.rows}u;`);
    lines.push(`let batch = group / ${across * down}u;`);
    lines.push(...this.#places('batch', this.#body.batch));
    const invocations = tiles.kind === 'staged' ? this.#staged(tiles) : this.#direct(tiles);
    return {
      wgsl: this.#shader.assemble(invocations, lines.map((line) => `  ${line}`).join('\n')),
      bindings: this.#shader.bindings,
      usesLaunch: this.#shader.usesLaunch,
      workgroups,
    };
  }

  /** Names of the places on some axes; those of several rows or columns differ by a prefix. */
  #places(position: string, axes: Ids, prefix = 'i'): string[] {
    return decompose(position, axes, this.kernel.axes, (axis) => `${prefix}${axis}`);
  }

  /** Lines that evaluate an operand, and the name of its value. */
  #operand({ code, out }: Operand, prefix: string, axis: (axis: number) => string): [string[], string] {
    const scope = { shader: this.#shader, axis: this.#named(axis), prior: none, prefix };
    const emitter = new CodeEmitter(code, scope).emit();
    return [emitter.take(), emitter.name(out)];
  }

  #named(axis: (axis: number) => string): (axis: number) => string {
    return (k) => (this.kernel.axes[k] === 1 ? '0i' : axis(k));
  }

  /** Each invocation loads what it needs, index after index of k, or four of them at once. */
  #direct({ rows, columns, width }: DirectTiles): number {
    const lines = this.#lines;
    const { a, b, m, n, k } = this.#body;
    const { axes } = this.kernel;
    const { aside, along, byFour } = this.#loads;
    // vectors of columns lie side by side, so that they are aligned; otherwise neighbours have neighbouring columns
    const column = (c: number) =>
      `tile_column + ${aside.b === undefined ? `local + ${c * width}u` : `local * 4u + ${c}u`}`;
    const results: Result[] = [];
    for (let r = 0; r < rows; r++) {
      // rows and columns beyond the last repeat it, and are not stored
      lines.push(`let row${r} = min(tile_row + ${r}u, ${this.size.rows - 1}u);`);
      lines.push(...this.#places(`row${r}`, m, `m${r}_`));
      for (let c = 0; c < columns; c++)
        results.push({ sum: `sum${r}_${c}`, row: `tile_row + ${r}u`, column: column(c) });
    }
    for (let c = 0; c < columns; c++) {
      lines.push(`let column${c} = min(${column(c)}, ${this.size.columns - 1}u);`);
      lines.push(...this.#places(`column${c}`, n, `n${c}_`));
    }
    const sums = results.map(({ sum }) => sum);
    this.#summing(sums, this.#type, k.length > 0 ? axes[k[0]] : 1, (from, to, target) => {
      const real = k.filter((axis) => axes[axis] !== 1);
      real.forEach((axis, i) => {
        const [start, end] = i === 0 && axis === k[0] ? [from, to] : ['0u', `${axes[axis]}u`];
        const step = byFour && i === real.length - 1 ? `k${axis} += 4u` : `k${axis}++`;
        lines.push(`for (var k${axis} = ${start}; k${axis} < ${end}; ${step}) {`);
        lines.push(`let i${axis} = i32(k${axis});`);
      });
      /** The values of an operand for each of its rows or columns, where `u` of four indices of k have passed. */
      const values = (which: 'a' | 'b', operand: Operand, own: Ids, count: number, u: number): string[] => {
        const prefix = which === 'a' ? 'm' : 'n';
        const name = (at: number) => (axis: number) => {
          if (own.includes(axis)) return `${prefix}${at}_${axis}`;
          return byFour && axis === real[real.length - 1] && u > 0 ? `(i${axis} + ${u}i)` : `i${axis}`;
        };
        const [loadAlong, loadAside] = [along[which], aside[which]];
        return Array.from({ length: count }, (_, at) => {
          if (loadAlong !== undefined) {
            if (u === 0) lines.push(`let ${which}${at}_all = ${this.#vector(loadAlong, this.#named(name(at)))};`);
            return `${which}${at}_all[${u}]`;
          }
          if (loadAside !== undefined) {
            if (at % 4 === 0) lines.push(`let ${which}${at}_${u} = ${this.#vector(loadAside, this.#named(name(at)))};`);
            return `${which}${at - (at % 4)}_${u}[${at % 4}]`;
          }
          const [code, value] = this.#operand(operand, `${which}${at}_${u}_`, name(at));
          lines.push(...code);
          return value;
        });
      };
      for (let u = 0; u < (byFour ? 4 : 1); u++) {
        const others = values('b', b, n, columns, u);
        values('a', a, m, rows, u).forEach((value, r) =>
          others.forEach((other, c) => lines.push(this.#multiplyAdd(target(`sum${r}_${c}`), value, other))),
        );
      }
      for (const _ of real) lines.push('}');
    });
    this.#finish(results, 1);
    return width;
  }

  #directLoads({ rows, columns }: DirectTiles): DirectLoads {
    const { a, b, m, n, k } = this.#body;
    const [alongA, alongB] = [a, b].map((operand) => vectorLoad(operand, k, this.kernel));
    const asideA = alongA === undefined && rows % 4 === 0 ? vectorLoad(a, m, this.kernel) : undefined;
    const asideB = alongB === undefined && columns === 4 ? vectorLoad(b, n, this.kernel) : undefined;
    const byFour = alongA !== undefined || alongB !== undefined;
    return { aside: { a: asideA, b: asideB }, along: { a: alongA, b: alongB }, byFour };
  }

  /** How the operands' strips are filled. */
  #plan(side: number): Strip[] {
    const { a, b, m, n, k } = this.#body;
    const strip = (name: string, operand: Operand, own: Ids, tile: string, extent: number): Strip => {
      const along = runsAlong(operand, own, k, this.kernel.axes);
      const vector = vectorLoad(operand, along ? own : k, this.kernel);
      // where vectors are turned, a gap keeps their parts in different banks
      return { name, operand, own, tile, extent, along, vector, step: side / 4 + (along ? 0 : 1) };
    };
    return [
      strip('strip_a', a, m, 'tile_row', this.size.rows),
      strip('strip_b', b, n, 'tile_column', this.size.columns),
    ];
  }

  /** Strips of both operands go through memory of the workgroup, turned so that both are read along k. */
  #staged({ side, each, depth }: StagedTiles): number {
    const lines = this.#lines;
    const across = side / each;
    const invocations = across * across;
    const vector = `vec4<${this.#type}>`;
    const range = (count: number) => Array.from({ length: count }, (_, i) => i);
    for (const { name, step } of this.#strips) this.#shader.shared(name, `array<${vector}, ${step * depth}>`);
    lines.push(`let across = local % ${across}u;`, `let down = local / ${across}u;`);
    const fills = this.#strips.map((strip) => this.#fill(strip, side, depth, invocations));
    const results = range(each).flatMap((r) =>
      range(each / 4).map((q): Result => {
        // vectors of four lie `across` apart, so that neighbours read side by side
        const row = `tile_row + ${Math.floor(r / 4) * across * 4 + (r % 4)}u + down * 4u`;
        return { sum: `sum${r}_${q}`, row, column: `tile_column + ${q * across * 4}u + across * 4u` };
      }),
    );
    const sums = results.map(({ sum }) => sum);
    const [a, b] = this.#strips;
    this.#summing(sums, vector, this.size.depth, (from, to, target) => {
      for (const { load } of fills) load(from, to);
      lines.push(`for (var k0 = ${from}; k0 < ${to}; k0 += ${depth}u) {`);
      for (const { store } of fills) store();
      lines.push('workgroupBarrier();');
      // the next strips are on their way while the products of these are summed up
      lines.push(`if (k0 + ${depth}u < ${to}) {`);
      for (const { load } of fills) load(`k0 + ${depth}u`, to);
      lines.push('}');
      lines.push(`for (var kk = 0u; kk < ${depth}u; kk++) {`);
      for (const q of range(each / 4)) {
        lines.push(`let a${q} = strip_a[kk * ${a.step}u + ${q * across}u + down];`);
        lines.push(`let b${q} = strip_b[kk * ${b.step}u + ${q * across}u + across];`);
      }
      for (const r of range(each))
        for (const q of range(each / 4)) {
          const row = `${vector}(a${Math.floor(r / 4)}[${r % 4}])`;
          lines.push(this.#multiplyAdd(target(`sum${r}_${q}`), row, `b${q}`));
        }
      lines.push('}', 'workgroupBarrier();', '}');
    });
    this.#finish(results, 4);
    return invocations;
  }

  /**
   * Prepares what does not change from strip to strip, and gives what loads the part of the strip at `k0` that is an
   * invocation's own, and what stores it in memory of the workgroup. Neighbouring invocations load neighbours in memory.
   * Beyond the end of k it is 0.
   */
  #fill(strip: Strip, side: number, depth: number, invocations: number): Fill {
    const lines = this.#lines;
    const { name, own, along, vector, tile, extent } = strip;
    const { k } = this.#body;
    const unit = vector === undefined ? 1 : 4;
    const type = unit === 1 ? this.#type : `vec4<${this.#type}>`;
    const fast = (along ? side : depth) / unit;
    const rounds = Array.from({ length: (side * depth) / unit / invocations }, (_, round) => round);
    const slow = (round: number) => `(local / ${fast}u + ${(round * invocations) / fast}u)`;
    const fastPlace = `(local % ${fast}u * ${unit}u)`;
    /** The place among rows or columns in a round: always the same where neighbours lie along them. */
    const ownOf = (round: number): string => `${name}_own${along ? 0 : round}`;
    const kOf = (round: number): string => (along ? slow(round) : fastPlace);
    for (const round of along ? [0] : rounds) {
      lines.push(`let ${ownOf(round)} = ${along ? fastPlace : slow(round)};`);
      lines.push(`let ${ownOf(round)}_place = min(${tile} + ${ownOf(round)}, ${extent - (along ? unit : 1)}u);`);
      lines.push(...this.#places(`${ownOf(round)}_place`, own, `${ownOf(round)}_`));
    }
    for (const round of rounds) lines.push(`var ${name}_${round} = ${type}();`);
    return {
      load: (k0, to) => {
        for (const round of rounds) {
          lines.push('{', `let k_own = ${k0} + ${kOf(round)};`);
          const isWhole = this.size.depth % depth === 0;
          lines.push(`let k_place = ${isWhole ? 'k_own' : `min(k_own, ${to} - ${along ? 1 : unit}u)`};`);
          lines.push(...this.#places('k_place', k));
          const axis = this.#named((of) => (own.includes(of) ? `${ownOf(round)}_${of}` : `i${of}`));
          const value = vector === undefined ? this.#scalar(strip.operand, axis) : this.#vector(vector, axis);
          const inside = isWhole ? value : `select(${type}(), ${value}, k_own < ${to})`;
          lines.push(`${name}_${round} = ${inside};`, '}');
        }
      },
      store: () => {
        for (const round of rounds) {
          const [kk, at, value] = [kOf(round), ownOf(round), `${name}_${round}`];
          if (unit === 1) lines.push(`${name}[${kk} * ${strip.step}u + ${at} / 4u][${at} % 4u] = ${value};`);
          else if (along) lines.push(`${name}[${kk} * ${strip.step}u + ${at} / 4u] = ${value};`);
          else
            for (let i = 0; i < 4; i++)
              lines.push(`${name}[(${kk} + ${i}u) * ${strip.step}u + ${at} / 4u][${at} % 4u] = ${value}[${i}];`);
        }
      },
    };
  }

  #scalar(operand: Operand, axis: (axis: number) => string): string {
    const [code, value] = this.#operand(operand, 'v', axis);
    this.#lines.push(...code);
    return value;
  }

  #vector({ at, dtype }: LoadInst, axis: (axis: number) => string): string {
    const element = `b${at.buffer}[(${affineExpression(at.index, axis)}) >> 2u]`;
    const value = dtype === 'float16' ? `vec4<f32>(${element})` : element;
    const inside = boundsExpression(at, axis);
    return inside === undefined ? value : `select(vec4<${this.#type}>(), ${value}, ${inside})`;
  }

  #multiplyAdd(sum: string, a: string, b: string): string {
    return isFloat(this.#body.dtype) ? `${sum} = fma(${a}, ${b}, ${sum});` : `${sum} += ${a} * ${b};`;
  }

  /** Declares the sums, and sums over [0, extent) of the first axis of k, or of k as a whole, in partial sums. */
  #summing(
    sums: readonly string[],
    type: string,
    extent: number,
    loop: (from: string, to: string, target: (sum: string) => string) => void,
  ): void {
    const lines = this.#lines;
    const { depth } = this.size;
    for (const sum of sums) lines.push(`var ${sum} = ${type}();`);
    if (depth === 0) return;
    const rest = depth / extent;
    const step = Math.max(32, Math.floor(PARTIAL / rest / 32) * 32);
    if (!isFloat(this.#body.dtype) || depth <= PLAIN || step >= extent) {
      loop('0u', `${extent}u`, (sum) => sum);
      return;
    }
    lines.push(`for (var start = 0u; start < ${extent}u; start += ${step}u) {`);
    lines.push(`let end = min(start + ${step}u, ${extent}u);`);
    for (const sum of sums) lines.push(`var part_${sum} = ${type}();`);
    loop('start', 'end', (sum) => `part_${sum}`);
    for (const sum of sums) lines.push(`${sum} += part_${sum};`);
    lines.push('}');
  }

  /** The epilogue, for every result of an invocation; a sum has `parts` of them side by side. */
  #finish(results: readonly Result[], parts: number): void {
    const lines = this.#lines;
    const { m, n, epilogue } = this.#body;
    const { rows, columns } = this.size;
    const guards = [
      ...(rows % this.#tile.rows === 0 ? [] : [`row < ${rows}u`]),
      ...(columns % this.#tile.columns === 0 ? [] : [`column < ${columns}u`]),
    ];
    for (const { sum, row, column } of results) {
      lines.push(parts > 1 ? `for (var part = 0u; part < ${parts}u; part++) {` : '{');
      lines.push(`let row = ${row};`, `let column = ${column}${parts > 1 ? ' + part' : ''};`);
      if (guards.length > 0) lines.push(`if (${guards.join(' && ')}) {`);
      lines.push(...this.#places('row', m), ...this.#places('column', n));
      const emitter = new CodeEmitter(epilogue.code, {
        shader: this.#shader,
        axis: this.#named((k) => `i${k}`),
        prior: none,
        acc: parts > 1 ? `${sum}[part]` : sum,
        prefix: 'v',
      }).emit();
      epilogue.stores.forEach((store, s) => emitter.store(store, s));
      lines.push(...emitter.take(), ...(guards.length > 0 ? ['}'] : []), '}');
    }
  }
}

function none(): string {
  throw new Error('webgpu: a contraction has no earlier blocks');
}
