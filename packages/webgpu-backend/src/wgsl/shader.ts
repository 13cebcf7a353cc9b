import type { DType } from '@kindling/core';
import type { Kernel } from '@kindling/compiler';
import { library } from './library.js';

/** WGSL's name of a dtype in registers, where float16 is a float32 that is rounded after each operation. */
export function wgslType(dtype: DType): string {
  return (
    { float32: 'f32', float16: 'f32', int32: 'i32', uint32: 'u32', bool: 'bool' }[dtype as string] ?? unsupported(dtype)
  );
}

function unsupported(dtype: DType): never {
  throw new Error(`webgpu: there is no ${dtype}`);
}

/** How a buffer is bound, and what its elements are. */
export interface Binding {
  readonly access: 'read' | 'read_write';
  readonly element: string;
}

export interface ShaderOptions {
  /** Buffers that are declared as vectors of four. */
  readonly vectors?: ReadonlySet<number>;
  /** Whether no two invocations add to one place. */
  readonly addsAlone?: boolean;
}

/** The type of an element in memory. */
function storedType(dtype: DType): string {
  return dtype === 'bool' ? 'u32' : dtype === 'float16' ? 'f16' : wgslType(dtype);
}

/** One compute shader under construction: notes what its code uses, and puts it together. */
export class Shader {
  readonly bindings: readonly Binding[];
  usesLaunch = false;
  readonly #functions = new Set<string>();
  readonly #extra = new Map<string, string>();
  readonly #shared = new Map<string, string>();
  readonly #vectors: ReadonlySet<number>;
  #usesSubgroups = false;

  constructor(
    readonly kernel: Kernel,
    { vectors = new Set(), addsAlone = false }: ShaderOptions = {},
  ) {
    this.#vectors = vectors;
    const atomics = atomicBuffers(kernel, addsAlone);
    this.bindings = kernel.buffers.map(({ dtype, use }, i) => {
      const element = atomics.has(i) ? `atomic<${dtype === 'int32' ? 'i32' : 'u32'}>` : storedType(dtype);
      return { access: use === 'read' ? 'read' : 'read_write', element: vectors.has(i) ? `vec4<${element}>` : element };
    });
  }

  /** An element of a buffer, as it is stored. */
  element(buffer: number, index: string): string {
    return this.#vectors.has(buffer) ? `b${buffer}[(${index}) >> 2u][(${index}) & 3i]` : `b${buffer}[${index}]`;
  }

  /** The number of an invocation in its subgroup, and how many there are. */
  subgroups(): { readonly lane: string; readonly size: string } {
    this.#usesSubgroups = true;
    return { lane: 'subgroup_lane', size: 'subgroup_size' };
  }

  /** A call of a library function. */
  call(name: string, ...operands: string[]): string {
    this.#use(name);
    return `${name}(${operands.join(', ')})`;
  }

  #use(name: string): void {
    if (this.#functions.has(name)) return;
    const { needs, text } = library[name];
    for (const need of needs) this.#use(need);
    if (text.includes('launch.')) this.usesLaunch = true;
    this.#functions.add(name);
  }

  /** A function written for this shader. */
  define(name: string, text: string): void {
    this.#extra.set(name, text);
  }

  /** Memory of the workgroup. */
  shared(name: string, type: string): string {
    this.#shared.set(name, type);
    return name;
  }

  /** The bits of scalar number `i` of the launch. */
  scalarBits(i: number): string {
    this.usesLaunch = true;
    return `launch.values[${Math.floor(i / 4)}][${i % 4}]`;
  }

  /** Elements of the segment. */
  segmentLength(): string {
    this.usesLaunch = true;
    return 'launch.head.x';
  }

  assemble(workgroupSize: number, main: string): string {
    const { scalars, buffers } = this.kernel;
    const lines: string[] = [];
    const enabled = [
      ...(buffers.some(({ dtype }) => dtype === 'float16') ? ['f16'] : []),
      ...(this.#usesSubgroups ? ['subgroups'] : []),
    ];
    if (enabled.length > 0) lines.push(`enable ${enabled.join(', ')};`);
    if (this.usesLaunch) {
      const values = scalars.length > 0 ? `, values: array<vec4<u32>, ${Math.ceil(scalars.length / 4)}>` : '';
      lines.push(
        '// head: the length of the segment, the bits of ∞ and of NaN, 0',
        `struct Launch { head: vec4<u32>${values} }`,
        '@group(1) @binding(0) var<uniform> launch: Launch;',
      );
    }
    this.bindings.forEach(({ access, element }, i) => {
      lines.push(`@group(0) @binding(${i}) var<storage, ${access}> b${i}: array<${element}>;`);
    });
    for (const [name, type] of this.#shared) lines.push(`var<workgroup> ${name}: ${type};`);
    for (const name of this.#functions) lines.push(library[name].text);
    lines.push(...this.#extra.values());
    const builtins = [
      '@builtin(workgroup_id) group_id: vec3<u32>',
      '@builtin(num_workgroups) groups: vec3<u32>',
      '@builtin(local_invocation_index) local: u32',
      ...(this.#usesSubgroups ? ['@builtin(subgroup_invocation_id) subgroup_lane: u32', '@builtin(subgroup_size) subgroup_size: u32'] : []), // prettier-ignore
    ];
    lines.push(
      `@compute @workgroup_size(${workgroupSize})`,
      `fn main(${builtins.join(', ')}) {`,
      '  let group = group_id.x + group_id.y * groups.x;',
      main,
      '}',
    );
    return lines.join('\n') + '\n';
  }
}

/** Buffers that several invocations write at once: fault cells, and what is added to. */
function atomicBuffers({ body }: Kernel, addsAlone: boolean): ReadonlySet<number> {
  const found = new Set<number>();
  const parts =
    body.kind === 'loops' ? body.blocks : [{ ...body.a, stores: [] }, { ...body.b, stores: [] }, body.epilogue];
  for (const { code, stores } of parts) {
    for (const { at, mode } of stores) {
      if (mode === 'add' && !addsAlone) found.add(at.buffer);
      for (const { fault } of at.by ?? []) found.add(fault);
    }
    for (const inst of code) {
      if (inst.op === 'load') for (const { fault } of inst.at.by ?? []) found.add(fault);
    }
  }
  return found;
}
