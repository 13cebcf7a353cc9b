import { type Contract, type Inst, type Kernel, type Loops, wide } from '@kindling/compiler';

/** The same contraction as a sum over k for every index of the result: for shapes that no tile fits. */
export function contractAsLoops(kernel: Kernel): Kernel {
  const { batch, m, n, k, a, b, dtype, epilogue } = kernel.body as Contract;
  const code: Inst[] = [...a.code, ...b.code.map((inst) => moved(inst, a.code.length))];
  code.push({ op: 'mul', in: [a.out, a.code.length + b.out], dtype: wide(dtype) });
  const body: Loops = {
    kind: 'loops',
    outer: [...batch, ...m, ...n],
    blocks: [
      { inner: k, code, reduces: [{ op: 'sum', value: code.length - 1 }], stores: [] },
      {
        inner: [],
        code: epilogue.code.map((inst) => (inst.op === 'acc' ? { ...inst, op: 'prior', block: 0, reduce: 0 } : inst)),
        reduces: [],
        stores: epilogue.stores,
      },
    ],
  };
  return { ...kernel, body };
}

/** An instruction whose operands stand `by` further on. */
function moved(inst: Inst, by: number): Inst {
  if (inst.op === 'load' && inst.at.by !== undefined)
    return { ...inst, at: { ...inst.at, by: inst.at.by.map((entry) => ({ ...entry, value: entry.value + by })) } };
  return 'in' in inst ? { ...inst, in: inst.in.map((i) => i + by) } : inst;
}
