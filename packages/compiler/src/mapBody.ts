import type { Access, Affine, Inst, Kernel, Store } from './ir.js';

/** What takes the place of index functions and of buffers. */
export interface Change {
  readonly affine?: (a: Affine) => Affine;
  readonly buffer?: (buffer: number) => number;
}

const same = <T>(x: T): T => x;

function mapAccess(at: Access, { affine = same, buffer = same }: Change): Access {
  return {
    ...at,
    buffer: buffer(at.buffer),
    index: affine(at.index),
    ...(at.bounds && { bounds: at.bounds.map((b) => ({ ...b, at: affine(b.at) })) }),
    ...(at.by && { by: at.by.map((l) => ({ ...l, fault: buffer(l.fault) })) }),
  };
}

export function mapCode(code: readonly Inst[], change: Change): Inst[] {
  const { affine = same } = change;
  return code.map((inst) =>
    inst.op === 'load'
      ? { ...inst, at: mapAccess(inst.at, change) }
      : inst.op === 'index'
        ? { ...inst, at: affine(inst.at) }
        : inst,
  );
}

export function mapStores(stores: readonly Store[], change: Change): Store[] {
  return stores.map((store) => ({ ...store, at: mapAccess(store.at, change) }));
}

export function mapBody<B extends Kernel['body']>(body: B, change: Change): B;
export function mapBody(body: Kernel['body'], change: Change): Kernel['body'] {
  const within = <T extends { readonly code: readonly Inst[] }>(part: T): T => ({ ...part, code: mapCode(part.code, change) }); // prettier-ignore
  const whole = <T extends { readonly code: readonly Inst[]; readonly stores: readonly Store[] }>(part: T): T => ({ ...within(part), stores: mapStores(part.stores, change) }); // prettier-ignore
  return body.kind === 'loops'
    ? { ...body, blocks: body.blocks.map(whole) }
    : { ...body, a: within(body.a), b: within(body.b), epilogue: whole(body.epilogue) };
}

/** The pieces of code of a kernel. */
export function codesOf(body: Kernel['body']): (readonly Inst[])[] {
  return body.kind === 'loops' ? body.blocks.map(({ code }) => code) : [body.a.code, body.b.code, body.epilogue.code];
}

export function storesOf(body: Kernel['body']): readonly Store[] {
  return body.kind === 'loops' ? body.blocks.flatMap(({ stores }) => stores) : body.epilogue.stores;
}
