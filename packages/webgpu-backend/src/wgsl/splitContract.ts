import {
  chooseSplit,
  type Contract,
  count,
  type InParts,
  type Kernel,
  type Loops,
  maskBeyond,
  type Operand,
  rowMajor,
  splitCode,
  splitSizes,
  splitStores,
  wide,
} from '@kindling/compiler';
import { contractAsLoops } from './contractAsLoops.js';

/**
 * A contraction with few results and long sums as two kernels: partial sums over parts of k, to scratch memory; then
 * their sums, with the epilogue. Undefined where k cannot be split.
 */
export function splitContract(kernel: Kernel, wanted: number): InParts | undefined {
  const body = kernel.body as Contract;
  const { axes } = kernel;
  const isIndirect = [body.a, body.b].some(({ code }) => code.some((i) => i.op === 'load' && i.at.by !== undefined));
  const split = chooseSplit(body.k, axes, wanted, !isIndirect);
  if (split === undefined) return undefined;
  const sizes = splitSizes(axes, split);
  const [scratch, partAxis] = [kernel.buffers.length, axes.length];
  const cells = [...body.batch, ...body.m, ...body.n];
  const place = { base: 0, stride: rowMajor([partAxis, ...cells], sizes) };
  const dtype = wide(body.dtype);
  const buffers = [...kernel.buffers, { dtype, use: 'readwrite' as const }];

  const operand = ({ code, out }: Operand): Operand => {
    const given = splitCode(code, split);
    return split.isUneven ? maskBeyond(given, out, 0, axes, split) : { code: given, out };
  };
  const sums: Contract = {
    ...body,
    batch: [partAxis, ...body.batch],
    a: operand(body.a),
    b: operand(body.b),
    epilogue: {
      code: [{ op: 'acc', dtype }],
      stores: [{ at: { buffer: scratch, index: place }, value: 0, mode: 'set' }],
    },
  };
  const [, epilogue] = (contractAsLoops(kernel).body as Loops).blocks;
  const combined: Loops = {
    kind: 'loops',
    outer: cells,
    blocks: [
      {
        inner: [partAxis],
        code: [{ op: 'load', at: { buffer: scratch, index: place }, dtype }],
        reduces: [{ op: 'sum', value: 0 }],
        stores: [],
      },
      { ...epilogue, code: splitCode(epilogue.code, split), stores: splitStores(epilogue.stores, split) },
    ],
  };
  return {
    parts: [sums, combined].map((of) => ({ ...kernel, axes: sizes, buffers, body: of })),
    scratch: [4 * split.parts * count(cells, axes)],
  };
}
