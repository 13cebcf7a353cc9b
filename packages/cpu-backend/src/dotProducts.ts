import { type Contract, count, type Inst, type Kernel, type Loops, type Operand } from '@kindling/compiler';

/**
 * A contraction with one or two rows (or columns) whose terms lie together, as sums over k: lanes along k waste nothing,
 * where a tile would have few rows, and lanes that must be gathered. Undefined if tiles are better.
 */
export function asDotProducts(kernel: Kernel): Kernel | undefined {
  const { axes } = kernel;
  const body = kernel.body as Contract;
  const { batch, m, n, k, a, b, dtype, epilogue } = body;
  const along = k[k.length - 1];
  const [rows, columns] = [count(m, axes), count(n, axes)];
  if (along === undefined || Math.min(rows, columns) > 2 || count(k, axes) < 16) return undefined;
  const together = ({ code }: Operand) =>
    code.every((inst) => inst.op !== 'load' || (!inst.at.by && inst.at.index.stride[along] === 1));
  if (!together(a) || !together(b)) return undefined;
  const shifted = b.code.map((inst) =>
    'in' in inst ? { ...inst, in: inst.in.map((id) => id + a.code.length) } : inst,
  );
  const code: Inst[] = [...a.code, ...shifted, { op: 'mul', in: [a.out, a.code.length + b.out], dtype }];
  const loops: Loops = {
    kind: 'loops',
    outer: [...batch, ...m, ...n],
    blocks: [
      { inner: k, code, reduces: [{ op: 'sum', value: code.length - 1 }], stores: [] },
      {
        inner: [],
        code: epilogue.code.map((inst) => (inst.op === 'acc' ? { op: 'prior', block: 0, reduce: 0, dtype } : inst)),
        reduces: [],
        stores: epilogue.stores,
      },
    ],
  };
  return { ...kernel, body: loops };
}
