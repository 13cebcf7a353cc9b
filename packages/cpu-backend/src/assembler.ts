import { OPCODES } from './opcodes.js';

export type ValueType = 'i32' | 'i64' | 'f32' | 'f64' | 'v128';
const TYPES: Record<ValueType, number> = { i32: 0x7f, i64: 0x7e, f32: 0x7d, f64: 0x7c, v128: 0x7b };

/** Pushes one value on WebAssembly's stack when called. */
export type Expr = () => void;

/** Code being written. */
class Bytes {
  readonly data: number[] = [];

  byte(value: number): void {
    this.data.push(value);
  }

  /** An instruction of one byte and its immediate. */
  pair(code: number, value: number): void {
    this.data.push(code);
    this.unsigned(value);
  }

  append(bytes: ArrayLike<number>): void {
    for (let i = 0; i < bytes.length; i++) this.data.push(bytes[i]);
  }

  /** A list, its length first. */
  list(bytes: ArrayLike<number>): void {
    this.unsigned(bytes.length);
    this.append(bytes);
  }

  unsigned(value: number): void {
    for (; value > 127; value = Math.floor(value / 128)) this.data.push((value & 127) | 128);
    this.data.push(value);
  }

  signed(value: number): void {
    for (; value < -64 || value > 63; value >>= 7) this.data.push((value & 127) | 128);
    this.data.push(value & 127);
  }

  text(value: string): void {
    this.list(Array.from(value, (letter) => letter.charCodeAt(0)));
  }
}

/** One function being written: its code, locals and constants. */
export class FunctionBuilder {
  private readonly code = new Bytes();
  private readonly locals: ValueType[] = [];
  private readonly free: Record<ValueType, number[]> = { i32: [], i64: [], f32: [], f64: [], v128: [] };
  private scoped: { type: ValueType; index: number }[] | undefined;
  private readonly constants = new Map<string, { local: number; bytes: Uint8Array }>();
  /** The local last written and where its `local.set` is, to make `set x, get x` a `tee`. */
  private lastLocal = -1;
  private lastStart = -1;
  private lastEnd = -1;

  constructor(
    readonly name: string,
    readonly index: number,
    readonly parameters: readonly ValueType[],
    /** Whether vector constants live in locals set on entry: faster in loops, but each holds a register. */
    private readonly hoist: boolean,
    readonly results: readonly ValueType[],
  ) {}

  /** A local of the current scope. It is not zeroed. */
  local(type: ValueType): number {
    const index = this.free[type].pop() ?? this.parameters.length + this.locals.push(type) - 1;
    this.scoped?.push({ type, index });
    return index;
  }

  /** Gives the locals made within back at its end. */
  scope(body: () => void): void {
    const outer = this.scoped;
    const mine: { type: ValueType; index: number }[] = (this.scoped = []);
    body();
    for (let i = 0; i < mine.length; i++) this.free[mine[i].type].push(mine[i].index);
    this.scoped = outer;
  }

  /** An instruction by its name, or its encoding. */
  op(name: string | number, ...immediates: number[]): this {
    const code = typeof name === 'number' ? name : OPCODES.get(name);
    if (code === undefined) throw new Error(`cpu assembler: unknown instruction ${name}`);
    if (code > 0xff) this.code.pair(code >> 12, code & 0xfff);
    else this.code.byte(code);
    for (let i = 0; i < immediates.length; i++) this.code.unsigned(immediates[i]);
    return this;
  }

  get(local: number): this {
    if (this.lastLocal === local && this.lastEnd === this.code.data.length) {
      this.code.data[this.lastStart] = 0x22;
      this.lastEnd = -1;
      return this;
    }
    this.code.pair(0x20, local);
    return this;
  }

  set(local: number): this {
    this.lastLocal = local;
    this.lastStart = this.code.data.length;
    this.code.pair(0x21, local);
    this.lastEnd = this.code.data.length;
    return this;
  }

  tee(local: number): this {
    return this.set(local).get(local);
  }

  i32(value: number): this {
    this.code.byte(0x41);
    this.code.signed(value | 0);
    return this;
  }

  /** A load or store with a byte offset ≥ 0. Alignment is only a hint: none is claimed. */
  memory(name: string, offset: number, ...lane: number[]): this {
    return this.op(name, 0, offset, ...lane);
  }

  /** Adds a number that may be negative to the address or index on the stack. */
  plus(value: number): this {
    return value === 0 ? this : this.i32(value).op('i32.add');
  }

  times(value: number): this {
    return value === 1 ? this : this.i32(value).op('i32.mul');
  }

  constant(bytes: Uint8Array): Expr {
    if (!this.hoist) return () => this.vector(this.code, bytes);
    const key = bytes.join();
    let entry = this.constants.get(key);
    if (!entry) {
      const local = this.parameters.length + this.locals.push('v128') - 1;
      this.constants.set(key, (entry = { local, bytes }));
    }
    const { local } = entry;
    return () => this.get(local);
  }

  block(body: () => void): void {
    this.structure(0x02, body);
  }

  loop(body: () => void): void {
    this.structure(0x03, body);
  }

  /** Takes the condition from the stack. With a type the branches push a value each. */
  if(then: () => void, otherwise?: () => void, type?: ValueType): void {
    this.structure(0x04, then, otherwise, type);
  }

  branch(depth: number, conditional = true): this {
    this.code.pair(conditional ? 0x0d : 0x0c, depth);
    return this;
  }

  call(index: number): this {
    this.code.pair(0x10, index);
    return this;
  }

  /** The body's bytes, preceded by its locals and the constants. */
  body(): readonly number[] {
    const out = new Bytes();
    const runs: [number, ValueType][] = [];
    for (const type of this.locals) {
      const run = runs[runs.length - 1];
      if (run?.[1] === type) run[0]++;
      else runs.push([1, type]);
    }
    out.unsigned(runs.length);
    for (const [count, type] of runs) {
      out.unsigned(count);
      out.byte(TYPES[type]);
    }
    for (const { local, bytes } of this.constants.values()) {
      this.vector(out, bytes);
      out.byte(0x21);
      out.unsigned(local);
    }
    out.append(this.code.data);
    out.byte(0x0b);
    return out.data;
  }

  private vector(to: Bytes, bytes: Uint8Array): void {
    to.byte(0xfd);
    to.byte(12);
    to.append(bytes);
  }

  private structure(code: number, body: () => void, otherwise?: () => void, type?: ValueType): void {
    this.code.byte(code);
    this.code.byte(type ? TYPES[type] : 0x40);
    body();
    if (otherwise) {
      this.op('else');
      otherwise();
    }
    this.op('end');
  }
}

/** At most 65,536 pages: a shared memory must say. */
const PAGES = [0x80, 0x80, 0x04];

/** A host function that a module imports. */
export interface HostFunction {
  readonly name: string;
  readonly parameters: number;
}

/** One WebAssembly module being written. It imports the memory `k.m` and host functions f64… → f64. */
export class ModuleBuilder {
  private readonly functions: FunctionBuilder[] = [];

  constructor(
    private readonly imports: readonly HostFunction[],
    /** Whether the memory is shared by threads, and whether the functions of table `k.t` are called. */
    private readonly using: { readonly shared: boolean; readonly table?: boolean } = { shared: false },
  ) {}

  function(
    name: string,
    parameters: readonly ValueType[],
    hoist = true,
    results: readonly ValueType[] = [],
  ): FunctionBuilder {
    const builder = new FunctionBuilder(name, this.imports.length + this.functions.length, parameters, hoist, results);
    this.functions.push(builder);
    return builder;
  }

  host(name: string): number {
    return this.imports.findIndex((f) => f.name === name);
  }

  /** The module, exporting its first function as `run`. */
  bytes(): Uint8Array<ArrayBuffer> {
    const out = new Bytes();
    const { imports, functions } = this;
    out.append([0, 0x61, 0x73, 0x6d, 1, 0, 0, 0]);
    const section = (id: number, count: number, fill: (to: Bytes) => void) => {
      const content = new Bytes();
      content.unsigned(count);
      fill(content);
      out.byte(id);
      out.list(content.data);
    };
    section(1, imports.length + functions.length, (to) => {
      const signature = (...lists: (readonly ValueType[])[]) => {
        to.byte(0x60);
        for (const list of lists) to.list(list.map((type) => TYPES[type]));
      };
      for (const f of imports) signature(Array<ValueType>(f.parameters).fill('f64'), ['f64']);
      for (const f of functions) signature(f.parameters, f.results);
    });
    const { shared, table } = this.using;
    section(2, imports.length + 1 + Number(table ?? false), (to) => {
      imports.forEach((f, i) => {
        to.text('k');
        to.text(f.name);
        to.byte(0);
        to.unsigned(i);
      });
      to.text('k');
      to.text('m');
      to.append([2, ...(shared ? [3, 1, ...PAGES] : [0, 1])]);
      if (!table) return;
      to.text('k');
      to.text('t');
      to.append([1, 0x70, 0, 0]);
    });
    section(3, functions.length, (to) => functions.forEach((_, i) => to.unsigned(imports.length + i)));
    section(7, 1, (to) => {
      to.text('run');
      to.byte(0);
      to.unsigned(imports.length);
    });
    section(10, functions.length, (to) => {
      for (const f of functions) to.list(f.body());
    });
    return Uint8Array.from(out.data);
  }
}
