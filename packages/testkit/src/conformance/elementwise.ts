import { type DType, type ElementwiseOp, type Graph, type GraphNode, hostArray, isFloat, type TypedArray } from '@kindling/core'; // prettier-ignore
import type { Case, Context } from './context.js';

const floats = ['float32', 'float64', 'float16'] as const;
const integers = ['int32', 'uint32'] as const;
const numbers = [...floats, ...integers] as const;
const bits = [...integers, 'bool'] as const;
const all = [...numbers, 'bool'] as const;

/** Which dtypes each operation takes, and how many operands. */
const operations: readonly (readonly [ElementwiseOp, 1 | 2, readonly DType[]])[] = [
  ...(['neg', 'abs', 'sign'] as const).map((op) => [op, 1, numbers] as const),
  ...(['floor', 'ceil', 'round', 'trunc', 'sqrt', 'exp', 'log', 'sin', 'cos', 'tanh', 'erf'] as const).map(
    (op) => [op, 1, floats] as const,
  ),
  ['not', 1, bits],
  ...(['add', 'sub', 'mul', 'div', 'mod', 'pow'] as const).map((op) => [op, 2, numbers] as const),
  ...(['max', 'min', 'lt', 'le', 'eq', 'ne'] as const).map((op) => [op, 2, all] as const),
  ...(['and', 'or', 'xor'] as const).map((op) => [op, 2, bits] as const),
  ...(['shl', 'shr'] as const).map((op) => [op, 2, integers] as const),
];

const moderate = [0, 1, -1, 0.5, -0.5, 1.5, -1.5, 2.5, 3, -3, 0.1, 0.7, -0.9, 1e-3, 10.25, -20.75, 6, 0.3333, 100, -2];
const extreme = { float32: [1e-30, 1e30, -1e30, 88, -100], float64: [1e-300, 1e300, -1e300, 709, -740], float16: [6e-5, 60000] }; // prettier-ignore
const whole = {
  int32: [0, 1, -1, 2, 3, -3, 7, -8, 31, 1000, 65536, 2147483647, -2147483648, 123456789],
  uint32: [0, 1, 2, 3, 7, 31, 1000, 65536, 4294967295, 2147483648, 4294967293, 123456789],
};

function samples(dtype: DType, nonFinite: boolean): number[] {
  if (dtype === 'bool') return [0, 1];
  if (dtype === 'int32' || dtype === 'uint32') return whole[dtype];
  const finite = [...moderate, ...extreme[dtype]];
  return nonFinite ? [...finite, NaN, Infinity, -Infinity] : finite;
}
function filled(dtype: DType, values: readonly number[]): TypedArray {
  const array = hostArray(dtype, values.length);
  array.set(dtype === 'float16' ? values.map((x) => Math.round(x * 1024) / 1024) : values);
  return array;
}

/** A graph of one operation on inputs, with its result on the host. */
function single(op: GraphNode['op'], inputs: readonly Omit<GraphNode, 'op' | 'inputs'>[], result: DType): Graph {
  const nodes: GraphNode[] = inputs.map((input) => ({ op: 'input', inputs: [], ...input, attribute: 'host' }));
  const { shape } = inputs[0];
  nodes.push({ op, inputs: inputs.map((_, i) => i), shape, dtype: result, attribute: undefined });
  return { nodes, inputs: inputs.map((_, i) => i), scalars: [], outputs: [{ node: inputs.length, to: 'host' }] };
}
const input = (dtype: DType, n: number): Omit<GraphNode, 'op' | 'inputs'> => ({ shape: [n], dtype, attribute: 'host' });

/** Every operation on every dtype, for all pairs of interesting values. */
export function elementwiseCases(context: Context): Case[] {
  const { nonFinite, dtypes } = context;
  const comparisons: readonly string[] = ['lt', 'le', 'eq', 'ne'];
  const cases = operations.flatMap(([op, arity, takes]) =>
    context.each(takes, (dtype) => {
      const xs = samples(dtype, nonFinite);
      const result = comparisons.includes(op) ? 'bool' : dtype;
      if (arity === 1) return context.runs(`${op} of ${dtype}`, single(op, [input(dtype, xs.length)], result), [filled(dtype, xs)]); // prettier-ignore
      const ys = op === 'shl' || op === 'shr' ? [0, 1, 5, 30, 31] : op === 'pow' && !isFloat(dtype) ? [0, 1, 2, 3, 5, ...(dtype === 'int32' ? [-1, -2] : [])] : xs; // prettier-ignore
      // a division of floats by 0 has the sign of the zero, which is not specified for some results
      const pairs = xs.flatMap((x) => ys.map((y) => [x, y])).filter(([, y]) => !(op === 'mod' && isFloat(dtype)) || y !== 0); // prettier-ignore
      const given = [0, 1].map((k) => filled(dtype, pairs.map((p) => p[k]))); // prettier-ignore
      return context.runs(`${op} of ${dtype}`, single(op, given.map((g) => input(dtype, g.length)), result), given); // prettier-ignore
    }),
  );
  for (const from of all)
    for (const to of all)
      if (from !== to && dtypes.includes(from) && dtypes.includes(to)) {
        const xs = samples(from, nonFinite);
        cases.push(context.runs(`cast of ${from} to ${to}`, single('cast', [input(from, xs.length)], to), [filled(from, xs)])); // prettier-ignore
      }
  const words = (['float32', 'int32', 'uint32'] as const).filter((dtype) => dtypes.includes(dtype));
  for (const from of words)
    for (const to of words) {
      // what is no number as a float32 may have other bits afterwards
      const xs = from === 'float32' ? moderate : to === 'float32' ? [0, 1, 0x3f800000, 0x40490fdb] : whole[from];
      if (from !== to) cases.push(context.runs(`bitcast of ${from} to ${to}`, single('bitcast', [input(from, xs.length)], to), [filled(from, xs)])); // prettier-ignore
    }
  cases.push(
    ...context.each(all, (dtype) => {
      const [a, b] = [samples(dtype, nonFinite), [...samples(dtype, nonFinite)].reverse()];
      const condition = a.map((_, i) => ((i * 7) % 3) % 2);
      const graph = single('where', [input('bool', a.length), input(dtype, a.length), input(dtype, a.length)], dtype);
      return context.runs(`where of ${dtype}`, graph, [filled('bool', condition), filled(dtype, a), filled(dtype, b)]);
    }),
    ...context.each(numbers, (dtype) => numberOperands(context, dtype)),
  );
  return cases;
}

/** Scalars and constants as operands, in each place: x + s, c − x, where(x < s, c, s). */
function numberOperands(context: Context, dtype: DType): Case {
  const number = (op: 'scalar' | 'const', attribute?: number): GraphNode => ({ op, inputs: [], shape: [], dtype, attribute }); // prettier-ignore
  const node = (op: ElementwiseOp, inputs: number[], result = dtype): GraphNode => ({ op, inputs, shape: [2, 2], dtype: result, attribute: undefined }); // prettier-ignore
  const graph: Graph = {
    nodes: [
      { op: 'input', inputs: [], shape: [2, 2], dtype, attribute: 'host' },
      number('scalar'),
      number('const', 7),
      node('add', [0, 1]),
      node('sub', [2, 0]),
      node('lt', [0, 1], 'bool'),
      node('where', [5, 2, 1]),
      { ...node('mul', [1, 2]), shape: [] },
    ],
    inputs: [0],
    scalars: [1],
    outputs: [3, 4, 6, 7].map((i) => ({ node: i, to: 'host' })),
  };
  return context.runs(`numbers as operands of ${dtype}`, graph, [filled(dtype, [1, 2, 3, 4])], [3]);
}
