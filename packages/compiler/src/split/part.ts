import type { Access, BufferUse, Inst, Kernel, Store } from '../ir.js';

/** A kernel that does part of another's work, on some of its buffers and on scratch memory. */
export interface Part {
  readonly kernel: Kernel;
  /** What each of its buffers is: a position among those of the whole, which the pieces of scratch memory follow. */
  readonly buffers: readonly number[];
}

/** Keeps of `buffers` those that the body uses, in the way that it uses them. */
export function part(kernel: Omit<Kernel, 'segmented'>): Part {
  const used = new Map<number, { loaded: boolean; stored: boolean }>();
  const note = (buffer: number, how: 'loaded' | 'stored'): void => {
    const use = used.get(buffer) ?? { loaded: false, stored: false };
    use[how] = true;
    used.set(buffer, use);
  };
  const visit = ({ buffer, by }: Access, how: 'loaded' | 'stored'): void => {
    note(buffer, how);
    for (const { fault } of by ?? []) {
      note(fault, 'loaded');
      note(fault, 'stored');
    }
  };
  const { body } = kernel;
  const codes = body.kind === 'loops' ? body.blocks.map(({ code }) => code) : [body.a.code, body.b.code, body.epilogue.code]; // prettier-ignore
  const stores = body.kind === 'loops' ? body.blocks.flatMap((block) => block.stores) : body.epilogue.stores;
  for (const code of codes) for (const inst of code) if (inst.op === 'load') visit(inst.at, 'loaded');
  for (const { at, mode } of stores) {
    visit(at, 'stored');
    if (mode === 'add') note(at.buffer, 'loaded');
  }
  const buffers = [...used.keys()].sort((a, b) => a - b);
  const place = new Map(buffers.map((buffer, i) => [buffer, i]));
  const uses = buffers.map((buffer): BufferUse => {
    const { loaded, stored } = used.get(buffer)!;
    return { dtype: kernel.buffers[buffer].dtype, use: loaded && stored ? 'readwrite' : stored ? 'write' : 'read' };
  });
  return { kernel: { ...kernel, buffers: uses, body: moved(body, (b) => place.get(b)!), segmented: false }, buffers };
}

function moved(body: Kernel['body'], to: (buffer: number) => number): Kernel['body'] {
  const access = (at: Access): Access => ({
    ...at,
    buffer: to(at.buffer),
    ...(at.by === undefined ? {} : { by: at.by.map((entry) => ({ ...entry, fault: to(entry.fault) })) }),
  });
  const code = (list: readonly Inst[]): Inst[] =>
    list.map((inst) => (inst.op === 'load' ? { ...inst, at: access(inst.at) } : inst));
  const stores = (list: readonly Store[]): Store[] => list.map((store) => ({ ...store, at: access(store.at) }));
  if (body.kind === 'loops')
    return { ...body, blocks: body.blocks.map((b) => ({ ...b, code: code(b.code), stores: stores(b.stores) })) };
  return {
    ...body,
    a: { ...body.a, code: code(body.a.code) },
    b: { ...body.b, code: code(body.b.code) },
    epilogue: { code: code(body.epilogue.code), stores: stores(body.epilogue.stores) },
  };
}
