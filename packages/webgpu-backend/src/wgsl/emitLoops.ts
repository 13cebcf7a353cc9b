import { type Affine, type Block, count, type Inst, type Kernel, type Loops, rowMajor } from '@kindling/compiler';
import { affineExpression, CodeEmitter, type Scope } from './instructions.js';
import { decompose } from './axes.js';
import { chooseGroups, type Groups } from './chooseGroups.js';
import { Reduction } from './reductions.js';
import { Shader } from './shader.js';
import type { ShaderLimits, Stage } from './stage.js';

/**
 * Terms of one partial sum of one invocation; these are summed in as many, and so on. The rounding of equal terms may go
 * one way all the time: sums of a million are within 6e-7 this way, and within 2e-6 in partial sums of 64 terms.
 */
const PARTIAL = 16;

/** Nothing at all where there are no outer indices. */
export function emitLoops(kernel: Kernel, limits: ShaderLimits): Stage[] {
  const body = spread(kernel.body as Loops);
  if (!kernel.segmented && count(body.outer, kernel.axes) === 0) return [];
  return [new LoopsEmitter({ ...kernel, body }, body, limits).emit()];
}

/** A single block that reduces nothing may run in any order: its inner axes are as good as outer ones. */
function spread(body: Loops): Loops {
  const [block] = body.blocks;
  if (body.blocks.length !== 1 || block.reduces.length > 0) return body;
  return { ...body, outer: [...body.outer, ...block.inner], blocks: [{ ...block, inner: [] }] };
}

class LoopsEmitter {
  readonly #shader: Shader;
  readonly #groups: Groups;
  readonly #rows: number;
  readonly #results: string[][] = [];
  readonly #lines: string[] = [];
  /** The condition under which an invocation's row is its own. */
  readonly #guard: string | undefined;
  readonly #subgroups: ShaderLimits['subgroups'];

  constructor(
    readonly kernel: Kernel,
    readonly body: Loops,
    limits: ShaderLimits,
  ) {
    this.#shader = new Shader(kernel);
    this.#subgroups = limits.subgroups;
    this.#groups = kernel.segmented
      ? { outer: 64, inner: 1, outerFirst: true }
      : chooseGroups(kernel, body, limits.invocations);
    this.#rows = count(body.outer, kernel.axes);
    const { outer, inner } = this.#groups;
    this.#guard = inner > 1 && this.#rows % outer !== 0 && outer > 1 ? 'is_own' : undefined;
  }

  emit(): Stage {
    const { kernel, body } = this;
    const { outer, inner } = this.#groups;
    this.#place();
    body.blocks.forEach((block, b) => this.#block(block, b));
    const main = this.#lines.map((line) => `  ${line}`).join('\n');
    return {
      wgsl: this.#shader.assemble(outer * inner, main),
      bindings: this.#shader.bindings,
      usesLaunch: this.#shader.usesLaunch,
      workgroups: kernel.segmented ? outer : Math.ceil(this.#rows / outer),
    };
  }

  readonly #axis = (axis: number): string =>
    this.kernel.axes[axis] === 1 && !this.kernel.segmented ? '0i' : `i${axis}`;

  /** Which outer index an invocation has, and which of its lanes it is. */
  #place(): void {
    const { kernel, body } = this;
    const { outer, inner, outerFirst } = this.#groups;
    const lines = this.#lines;
    if (kernel.segmented) {
      lines.push(`let row = group * ${outer}u + local;`, `if (row >= ${this.#shader.segmentLength()}) { return; }`);
      lines.push('let i0 = i32(row);');
      return;
    }
    if (inner === 1) {
      lines.push(`let row = group * ${outer}u + local;`, `if (row >= ${this.#rows}u) { return; }`);
    } else {
      if (outer === 1) lines.push('let lane = local;', 'let row = group;', `if (row >= ${this.#rows}u) { return; }`);
      else {
        const [lane, place] = outerFirst ? [`local / ${outer}u`, `local % ${outer}u`] : [`local % ${inner}u`, `local / ${inner}u`]; // prettier-ignore
        lines.push(`let lane = ${lane};`, `let place = ${place};`);
        lines.push(`if (group >= ${Math.ceil(this.#rows / outer)}u) { return; }`);
        if (this.#guard === undefined) lines.push(`let row = group * ${outer}u + place;`);
        else {
          // an idle invocation repeats the last row and stores nothing: all must reach the barriers
          lines.push(`let is_own = group * ${outer}u + place < ${this.#rows}u;`);
          lines.push(`let row = min(group * ${outer}u + place, ${this.#rows - 1}u);`);
        }
      }
    }
    lines.push(...decompose('row', body.outer, kernel.axes, this.#axis));
  }

  #block(block: Block, b: number): void {
    const { kernel } = this;
    const lines = this.#lines;
    const length = count(block.inner, kernel.axes);
    const reductions = block.reduces.map(
      (reduce, r) => new Reduction(this.#shader, reduce, block.code[reduce.value].dtype, `r${b}_${r}`),
    );
    if (b > 0 && this.#groups.inner > 1 && this.#readsEarlier(block, b)) lines.push('storageBarrier();');
    for (const reduction of reductions) lines.push(...reduction.declare());
    if (length > 0) {
      lines.push('{');
      // an invocation alone stores once; where nothing is reduced, the others have nothing to do
      const alone = block.inner.length === 0 && block.reduces.length === 0 && this.#groups.inner > 1;
      if (alone) lines.push('if (lane == 0u) {');
      this.#run(block, b, length, reductions);
      if (alone) lines.push('}');
      lines.push('}');
    }
    if (this.#groups.inner > 1 && reductions.length > 0) {
      const canExchange = reductions.every(({ dtype }) => dtype !== 'bool');
      if (this.#subgroups !== undefined && this.#groups.outer === 1 && canExchange)
        this.#exchange(reductions, this.#subgroups);
      else this.#tree(reductions);
    }
    this.#results[b] = reductions.map((reduction, r) => {
      const name = `p${b}_${r}`;
      lines.push(`let ${name} = ${reduction.result()};`);
      return name;
    });
  }

  #scope(prefix: string): Scope {
    return {
      shader: this.#shader,
      axis: this.#axis,
      prior: (block, reduce) => this.#results[block][reduce],
      prefix,
      guard: this.#guard,
    };
  }

  /** Whether the block loads what an earlier one of this kernel has stored. */
  #readsEarlier(block: Block, b: number): boolean {
    const stored = new Set(this.body.blocks.slice(0, b).flatMap(({ stores }) => stores.map(({ at }) => at.buffer)));
    return block.code.some((inst) => inst.op === 'load' && stored.has(inst.at.buffer));
  }

  /** The loop over the inner axes. What does not depend on them comes before it. */
  #run(block: Block, b: number, length: number, reductions: readonly Reduction[]): void {
    const { kernel } = this;
    const lines = this.#lines;
    const { inner: lanes } = this.#groups;
    const emitter = new CodeEmitter(block.code, this.#scope(`v${b}_`));
    const varies = varying(block);
    lines.push(...emitter.emit((i) => !varies[i]).take());
    const position = affineExpression({ base: 0, stride: rowMajor(block.inner, kernel.axes) }, this.#axis);
    const step = (into: (reduction: Reduction) => string): string[] => {
      emitter.emit((i) => varies[i]);
      block.stores.forEach((store, s) => emitter.store(store, s));
      const out = emitter.take();
      for (const reduction of reductions) {
        const value = emitter.name(reduction.reduce.value);
        if (reduction.isArg) out.push(`{ let at = ${position}; ${reduction.add(value, 'at', into(reduction))} }`);
        else out.push(reduction.add(value, '', into(reduction)));
      }
      return out;
    };
    const partial = reductions.filter((reduction) => reduction.isRounded);
    const long = partial.length > 0 && length > lanes * PARTIAL * 2;
    if (block.inner.length === 0) {
      if (lanes > 1 && block.reduces.length > 0) lines.push('if (lane == 0u) {', ...step((r) => r.name), '}');
      else lines.push(...step((r) => r.name));
      return;
    }
    if (lanes === 1 && !long) {
      const axes = block.inner.filter((axis) => kernel.axes[axis] !== 1);
      for (const axis of axes) lines.push(`for (var i${axis} = 0i; i${axis} < ${kernel.axes[axis]}i; i${axis}++) {`);
      lines.push(...step((r) => r.name), ...axes.map(() => '}'));
      return;
    }
    const places = decompose('j', block.inner, kernel.axes, this.#axis);
    /** Sums over [from, to) in partial sums of at most PARTIAL terms at each level. */
    const nest = (from: string, to: string, span: number, level: number): void => {
      const into = (reduction: Reduction) => `${reduction.name}${reduction.isRounded && level > 0 ? `_${level}` : ''}`;
      if (!long || span <= lanes * PARTIAL) {
        const first = lanes === 1 ? from : `${from} + lane`;
        lines.push(`for (var j = ${first}; j < ${to}; j += ${lanes}u) {`, ...places, ...step(into), '}');
        return;
      }
      let next = lanes * PARTIAL;
      while (next * PARTIAL < span) next *= PARTIAL;
      const [start, end] = [`start${level}`, `end${level}`];
      lines.push(`for (var ${start} = ${from}; ${start} < ${to}; ${start} += ${next}u) {`);
      lines.push(`let ${end} = min(${start} + ${next}u, ${to});`);
      for (const reduction of partial) lines.push(...reduction.declare(`${reduction.name}_${level + 1}`));
      nest(start, end, next, level + 1);
      for (const reduction of partial) lines.push(reduction.add(`${reduction.name}_${level + 1}`, '', into(reduction)));
      lines.push('}');
    };
    nest('0u', `${length}u`, length, 0);
  }

  /**
   * Combines the lanes of the only row pairwise within each subgroup, without memory; then every invocation combines what
   * the subgroups have found.
   */
  #exchange(reductions: readonly Reduction[], { least, most }: NonNullable<ShaderLimits['subgroups']>): void {
    const lines = this.#lines;
    const { inner } = this.#groups;
    const { lane, size } = this.#shader.subgroups();
    for (let distance = 1; distance < Math.min(most, inner); distance *= 2) {
      lines.push('{');
      for (const { name, isArg } of reductions) {
        lines.push(`let ${name}_other = subgroupShuffleXor(${name}, ${distance}u);`);
        if (isArg) lines.push(`let ${name}_other_at = subgroupShuffleXor(${name}_at, ${distance}u);`);
      }
      const merges = reductions.map((reduction) => reduction.merge(`${reduction.name}_other`, `${reduction.name}_other_at`)); // prettier-ignore
      lines.push(...(distance < least ? merges : [`if (${size} > ${distance}u) {`, ...merges, '}']), '}');
    }
    if (least >= inner) return;
    const arrays = reductions.map((reduction, r) => reduction.arrays(r, Math.ceil(inner / least)));
    lines.push('workgroupBarrier();', `if (${lane} == 0u) {`);
    reductions.forEach(({ isArg, name }, r) => {
      lines.push(`${arrays[r].values}[local / ${size}] = ${name};`);
      if (isArg) lines.push(`${arrays[r].positions}[local / ${size}] = ${name}_at;`);
    });
    lines.push('}', 'workgroupBarrier();');
    reductions.forEach(({ isArg, name }, r) => {
      lines.push(`${name} = ${arrays[r].values}[0];`);
      if (isArg) lines.push(`${name}_at = ${arrays[r].positions}[0];`);
    });
    lines.push(`for (var other = 1u; other < (${inner}u + ${size} - 1u) / ${size}; other++) {`);
    reductions.forEach((reduction, r) => {
      const { values, positions } = arrays[r];
      lines.push(reduction.merge(`${values}[other]`, `${positions}[other]`));
    });
    lines.push('}');
  }

  /** Combines the lanes of each row pairwise, in memory of the workgroup. */
  #tree(reductions: readonly Reduction[]): void {
    const lines = this.#lines;
    const { outer, inner } = this.#groups;
    const row = outer === 1 ? '' : `place * ${inner}u + `;
    const arrays = reductions.map((reduction, r) => reduction.arrays(r, outer * inner));
    lines.push('workgroupBarrier();');
    reductions.forEach(({ isArg, name }, r) => {
      lines.push(`${arrays[r].values}[${row}lane] = ${name};`);
      if (isArg) lines.push(`${arrays[r].positions}[${row}lane] = ${name}_at;`);
    });
    lines.push('workgroupBarrier();');
    lines.push(`for (var distance = ${inner / 2}u; distance > 0u; distance /= 2u) {`, 'if (lane < distance) {');
    reductions.forEach((reduction, r) => {
      lines.push(`{ ${reduction.mergeShared(arrays[r], `${row}lane`, `${row}lane + distance`)} }`);
    });
    lines.push('}', 'workgroupBarrier();', '}');
    const first = outer === 1 ? '0u' : `place * ${inner}u`;
    reductions.forEach(({ isArg, name }, r) => {
      lines.push(`${name} = ${arrays[r].values}[${first}];`);
      if (isArg) lines.push(`${name}_at = ${arrays[r].positions}[${first}];`);
    });
  }
}

/** Which instructions of a block depend on its inner axes. */
function varying({ inner, code }: Block): boolean[] {
  const moves = ({ stride }: Affine) => inner.some((axis) => stride[axis] !== 0);
  const found: boolean[] = [];
  code.forEach((inst: Inst, i) => {
    found[i] =
      inst.op === 'load'
        ? moves(inst.at.index) ||
          (inst.at.bounds ?? []).some(({ at }) => moves(at)) ||
          (inst.at.by ?? []).some(({ value }) => found[value])
        : inst.op === 'index'
          ? moves(inst.at)
          : 'in' in inst && inst.in.some((k) => found[k]);
  });
  return found;
}
