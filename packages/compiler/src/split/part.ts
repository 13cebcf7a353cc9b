import type { Access, BufferUse, Kernel } from '../ir.js';
import { codesOf, mapBody, storesOf } from '../mapBody.js';

/** A kernel that does part of another's work, on some of its buffers: for devices that bind few. */
export interface Part {
  readonly kernel: Kernel;
  /** What each of its buffers is: a position among those of the whole, which the pieces of scratch memory follow. */
  readonly buffers: readonly number[];
}

/** The kernel with those of its buffers that it uses, in the way that it uses them. */
export function part(kernel: Kernel): Part {
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
  for (const inst of codesOf(body).flat()) if (inst.op === 'load') visit(inst.at, 'loaded');
  for (const { at, mode } of storesOf(body)) {
    visit(at, 'stored');
    if (mode === 'add') note(at.buffer, 'loaded');
  }
  const buffers = [...used.keys()].sort((a, b) => a - b);
  const place = new Map(buffers.map((buffer, i) => [buffer, i]));
  const uses = buffers.map((buffer): BufferUse => {
    const { loaded, stored } = used.get(buffer)!;
    return { dtype: kernel.buffers[buffer].dtype, use: loaded && stored ? 'readwrite' : stored ? 'write' : 'read' };
  });
  return {
    kernel: { ...kernel, buffers: uses, body: mapBody(body, { buffer: (b) => place.get(b)! }) },
    buffers,
  };
}
