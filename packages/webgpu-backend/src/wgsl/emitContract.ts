import { isFloat } from '@kindling/core';
import type { Contract, Ids, Kernel, Operand } from '@kindling/compiler';
import { decompose } from './axes.js';
import { type ContractSize, type ContractTiles, runsAlong } from './contractTiles.js';
import { CodeEmitter } from './instructions.js';
import { Shader, wgslType } from './shader.js';
import type { Stage } from './stage.js';

/** Terms of one partial sum; longer sums are sums of these. */
const PARTIAL = 1024;

type Tiles = Exclude<ContractTiles, { readonly kind: 'loops' }>;

/** A contraction in tiles. */
export function emitContract(kernel: Kernel, size: ContractSize, tiles: Tiles): Stage[] {
  if (size.batches * size.rows * size.columns === 0) return [];
  return [new ContractEmitter(kernel, size, tiles).emit()];
}

class ContractEmitter {
  readonly #shader: Shader;
  readonly #body: Contract;
  readonly #type: string;
  readonly #lines: string[] = [];
  /** Rows and columns of a workgroup. */
  readonly #tile: { readonly rows: number; readonly columns: number };

  constructor(
    readonly kernel: Kernel,
    readonly size: ContractSize,
    readonly tiles: Tiles,
  ) {
    this.#shader = new Shader(kernel);
    this.#body = kernel.body as Contract;
    this.#type = wgslType(this.#body.dtype);
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

  /** Each invocation loads what it needs, index after index of k. */
  #direct({ rows, columns, width }: Tiles & { kind: 'direct' }): number {
    const lines = this.#lines;
    const { a, b, m, n, k } = this.#body;
    const { axes } = this.kernel;
    const sums: string[] = [];
    for (let r = 0; r < rows; r++) {
      // rows and columns beyond the last repeat it, and are not stored
      lines.push(`let row${r} = min(tile_row + ${r}u, ${this.size.rows - 1}u);`);
      lines.push(...this.#places(`row${r}`, m, `m${r}_`));
      for (let c = 0; c < columns; c++) sums.push(`sum${r}_${c}`);
    }
    for (let c = 0; c < columns; c++) {
      lines.push(`let column${c} = min(tile_column + local + ${c * width}u, ${this.size.columns - 1}u);`);
      lines.push(...this.#places(`column${c}`, n, `n${c}_`));
    }
    this.#summing(sums, this.#type, k.length > 0 ? axes[k[0]] : 1, (from, to, target) => {
      const real = k.filter((axis) => axes[axis] !== 1);
      real.forEach((axis, i) => {
        const [start, end] = i === 0 && axis === k[0] ? [from, to] : ['0u', `${axes[axis]}u`];
        lines.push(`for (var k${axis} = ${start}; k${axis} < ${end}; k${axis}++) {`, `let i${axis} = i32(k${axis});`);
      });
      const name = (own: Ids, prefix: string) => (axis: number) =>
        own.includes(axis) ? `${prefix}${axis}` : `i${axis}`;
      const values: string[] = [];
      for (let c = 0; c < columns; c++) {
        const [code, value] = this.#operand(b, `b${c}_`, name(n, `n${c}_`));
        lines.push(...code);
        values.push(value);
      }
      for (let r = 0; r < rows; r++) {
        const [code, value] = this.#operand(a, `a${r}_`, name(m, `m${r}_`));
        lines.push(...code);
        values.forEach((other, c) => lines.push(this.#multiplyAdd(target(`sum${r}_${c}`), value, other)));
      }
      for (const _ of real) lines.push('}');
    });
    this.#finish(
      sums,
      columns,
      (r) => `tile_row + ${r}`,
      (c) => `tile_column + local + ${c} * ${width}u`,
    );
    return width;
  }

  /** Strips of both operands go through memory of the workgroup, turned so that both are read along k. */
  #staged({ side, each, depth }: Tiles & { kind: 'staged' }): number {
    const lines = this.#lines;
    const { a, b, m, n } = this.#body;
    const across = side / each;
    const invocations = across * across;
    const vector = `vec4<${this.#type}>`;
    for (const name of ['strip_a', 'strip_b']) this.#shader.shared(name, `array<${vector}, ${(side * depth) / 4}>`);
    lines.push(`let across = local % ${across}u;`, `let down = local / ${across}u;`);
    const range = (count: number) => Array.from({ length: count }, (_, i) => i);
    const sums = range(each).flatMap((r) => range(each / 4).map((q) => `sum${r}_${q}`));
    this.#summing(sums, vector, this.size.depth, (from, to, target) => {
      lines.push(`for (var k0 = ${from}; k0 < ${to}; k0 += ${depth}u) {`);
      this.#fill('strip_a', a, m, 'tile_row', this.size.rows, side, depth, invocations, to);
      this.#fill('strip_b', b, n, 'tile_column', this.size.columns, side, depth, invocations, to);
      lines.push('workgroupBarrier();', `for (var kk = 0u; kk < ${depth}u; kk++) {`);
      // vectors of four lie `across` apart, so that neighbours read side by side
      for (const q of range(each / 4)) {
        lines.push(`let a${q} = strip_a[kk * ${side / 4}u + ${q * across}u + down];`);
        lines.push(`let b${q} = strip_b[kk * ${side / 4}u + ${q * across}u + across];`);
      }
      for (const r of range(each))
        for (const q of range(each / 4)) {
          const row = `${vector}(a${Math.floor(r / 4)}[${r % 4}])`;
          lines.push(this.#multiplyAdd(target(`sum${r}_${q}`), row, `b${q}`));
        }
      lines.push('}', 'workgroupBarrier();', '}');
    });
    const results = sums.flatMap((sum) => range(4).map((c) => `${sum}[${c}]`));
    const spread = (i: string, place: string) => `${i} / 4u * ${across * 4}u + ${place} * 4u + ${i} % 4u`;
    this.#finish(results, each, (r) => `tile_row + ${spread(r, 'down')}`, (c) => `tile_column + ${spread(c, 'across')}`); // prettier-ignore
    return invocations;
  }

  /** Brings one strip of an operand into memory of the workgroup. Beyond the end of k it is 0. */
  #fill(
    strip: string,
    operand: Operand,
    own: Ids,
    tile: string,
    extent: number,
    side: number,
    depth: number,
    invocations: number,
    to: string,
  ): void {
    const lines = this.#lines;
    const { k } = this.#body;
    const along = runsAlong(operand, own, k, this.kernel.axes);
    lines.push(`for (var e = local; e < ${side * depth}u; e += ${invocations}u) {`);
    // neighbouring invocations load neighbouring elements
    lines.push(...(along ? [`let own = e % ${side}u;`, `let kk = e / ${side}u;`] : [`let own = e / ${depth}u;`, `let kk = e % ${depth}u;`])); // prettier-ignore
    lines.push(`let own_place = min(${tile} + own, ${extent - 1}u);`, `let k_place = min(k0 + kk, ${to} - 1u);`);
    lines.push(...this.#places('own_place', own), ...this.#places('k_place', k));
    const [code, value] = this.#operand(operand, 'v', (axis) => `i${axis}`);
    const zero = { f32: '0.0f', i32: '0i' }[this.#type] ?? '0u';
    lines.push(...code, `${strip}[(kk * ${side}u + own) / 4u][own % 4u] = select(${zero}, ${value}, k0 + kk < ${to});`, '}'); // prettier-ignore
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
    const step = Math.max(16, Math.floor(PARTIAL / rest / 16) * 16);
    if (!isFloat(this.#body.dtype) || depth <= 2 * PARTIAL || step >= extent) {
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

  /** The epilogue, for every result of an invocation. */
  #finish(
    results: readonly string[],
    columns: number,
    row: (r: string) => string,
    column: (c: string) => string,
  ): void {
    const lines = this.#lines;
    const { m, n, epilogue, dtype } = this.#body;
    lines.push(`var results = array<${wgslType(dtype)}, ${results.length}>(${results.join(', ')});`);
    lines.push(`for (var at = 0u; at < ${results.length}u; at++) {`);
    lines.push(`let r = at / ${columns}u;`, `let c = at % ${columns}u;`);
    lines.push(`let row = ${row('r')};`, `let column = ${column('c')};`);
    lines.push(`if (row < ${this.size.rows}u && column < ${this.size.columns}u) {`);
    lines.push(...this.#places('row', m), ...this.#places('column', n));
    const scope = {
      shader: this.#shader,
      axis: this.#named((k) => `i${k}`),
      prior: none,
      acc: 'results[at]',
      prefix: 'v',
    };
    const emitter = new CodeEmitter(epilogue.code, scope).emit();
    epilogue.stores.forEach((store, s) => emitter.store(store, s));
    lines.push(...emitter.take(), '}', '}');
  }
}

function none(): string {
  throw new Error('webgpu: a contraction has no earlier blocks');
}
