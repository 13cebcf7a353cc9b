import { count, type Inst, type Kernel, type Loops, ownAxes, type Store } from '@kindling/compiler';
import { decompose } from './axes.js';
import { CodeEmitter } from './instructions.js';
import { Shader } from './shader.js';
import type { ShaderLimits, Stage } from './stage.js';

/** Invocations that are enough to keep a device busy. */
const BUSY = { gpu: 65_536, software: 64 };

/** Whether the kernel does nothing but add to places that several of its indices may share. */
export function isScatter({ body }: Kernel): boolean {
  if (body.kind !== 'loops' || body.blocks.length !== 1) return false;
  const [{ stores, reduces }] = body.blocks;
  return stores.length === 1 && reduces.length === 0 && stores[0].mode === 'add';
}

/**
 * A scatter: each place of the target belongs to one invocation, which adds what goes there in the order of the source.
 * So the sums need no atomic operations, and are the same on each run. An invocation has one index of the axes that the
 * target has, too, and of what is indirect every so many-th place; it walks all the rest, mostly to find that it is not
 * its own.
 */
export function emitScatter(kernel: Kernel, { isSoftware }: ShaderLimits): Stage[] {
  const body = kernel.body as Loops;
  const [block] = body.blocks;
  const { axes } = kernel;
  const all = [...body.outer, ...block.inner];
  if (count(all, axes) === 0) return [];
  const [store] = block.stores;
  const free = ownAxes(store.at, all, axes);
  const walked = all.filter((axis) => !free.includes(axis));
  const [first] = store.at.by ?? [];
  const others = count(walked, axes);
  const wanted = (isSoftware ? BUSY.software : BUSY.gpu) / count(free, axes);
  const owners = first === undefined || others < 64 ? 1 : Math.max(1, Math.min(64, first.limit, Math.floor(wanted)));

  const shader = new Shader(kernel, { addsAlone: true });
  const invocations = count(free, axes) * owners;
  const size = 64;
  const name = (axis: number): string => (axes[axis] === 1 ? '0i' : `i${axis}`);
  const lines = [`let at = group * ${size}u + local;`, `if (at >= ${invocations}u) { return; }`];
  if (owners > 1) lines.push(`let own = at % ${owners}u;`);
  lines.push(...decompose(owners > 1 ? `(at / ${owners}u)` : 'at', free, axes, name));
  const real = walked.filter((axis) => axes[axis] !== 1);
  for (const axis of real) lines.push(`for (var i${axis} = 0i; i${axis} < ${axes[axis]}i; i${axis}++) {`);
  const emitter = new CodeEmitter(block.code, {
    shader,
    axis: name,
    prior: () => {
      throw new Error('webgpu: a scatter has no earlier blocks');
    },
    prefix: 'v',
  });
  const places = behind(block.code, store);
  emitter.emit((i) => places.has(i));
  const target = emitter.place(store.at, 's');
  if (owners > 1) emitter.lines.push(`if (u32(s_at0) % ${owners}u != own) { continue; }`);
  emitter.emit((i) => !places.has(i));
  emitter.add(store, target);
  lines.push(...emitter.take(), ...real.map(() => '}'));
  return [
    {
      wgsl: shader.assemble(size, lines.map((line) => `  ${line}`).join('\n')),
      bindings: shader.bindings,
      usesLaunch: shader.usesLaunch,
      workgroups: Math.ceil(invocations / size),
    },
  ];
}

/** The instructions that the place of a store depends on. */
function behind(code: readonly Inst[], { at }: Store): ReadonlySet<number> {
  const found = new Set<number>();
  const visit = (i: number): void => {
    if (found.has(i)) return;
    found.add(i);
    const inst = code[i];
    if ('in' in inst) inst.in.forEach(visit);
    if (inst.op === 'load') for (const { value } of inst.at.by ?? []) visit(value);
  };
  for (const { value } of at.by ?? []) visit(value);
  return found;
}
