import { describe, expect, it } from 'vitest';
import { validateKernel, type Block, type Contract, type Inst, type Kernel } from '../src/index.js';
import { add, affine, apply, elementwise, load, read, readwrite, set, write } from './kernelParts.js';

const x = load(0, affine(0, 1));
const one: Inst = { op: 'const', arg: 1, dtype: 'float32' };
const flag: Inst = { op: 'const', arg: 1, dtype: 'bool' };
const wide: Inst = { op: 'const', arg: 1, dtype: 'float64' };
const whole: Inst = { op: 'const', arg: 1, dtype: 'int32' };
const out = set(1, affine(0, 1), 0);
const buffers = [read('float32'), write('float32')];

const withCode = (...code: Inst[]) => elementwise([4], buffers, code, []);
const withBlocks = (outer: number[], axes: number[], ...blocks: Partial<Block>[]): Kernel => ({
  ...elementwise(axes, buffers, [], []),
  body: {
    kind: 'loops',
    outer,
    blocks: blocks.map((block) => ({ inner: [], code: [], reduces: [], stores: [], ...block })),
  },
});
const withContract = (change: Partial<Contract>): Kernel => ({
  ...elementwise([2, 3, 4], buffers, [], []),
  body: {
    kind: 'contract',
    batch: [],
    m: [0],
    n: [1],
    k: [2],
    a: { code: [one], out: 0 },
    b: { code: [one], out: 0 },
    dtype: 'float32',
    epilogue: { code: [{ op: 'acc', dtype: 'float32' }], stores: [set(1, affine(0, 3, 1, 0), 0)] },
    ...change,
  },
});
const segmented = (kernel: Kernel): Kernel => ({ ...kernel, segmented: true });
const by = (value: number, limit = 3, fault = 2) => [{ value, stride: 1, limit, fault }];

it('accepts sound kernels', () => {
  validateKernel(elementwise([4], buffers, [x], [out]));
  validateKernel(withContract({}));
  validateKernel(segmented(elementwise([0], buffers, [x], [out])));
});

const wrong: [string, Kernel, string][] = [
  ['an axis', elementwise([-1], [], [], []), 'axis 0: its size is -1'],
  ['an axis that is not there', withBlocks([2], [4]), 'outer: there is no axis 2'],
  ['an axis twice', withBlocks([0], [4], { inner: [0] }), 'block 0, outer and inner: axis 0 occurs twice'],
  [
    'a later operand',
    withCode(one, apply('neg', 'float32', 1)),
    'block 0, instruction 1 (neg): instruction 1 is not among the 1 before it',
  ],
  ['too few operands', withCode(one, apply('add', 'float32', 0)), 'instruction 1 (add): it takes 2 operands, not 1'],
  [
    'unlike operands',
    withCode(one, wide, apply('add', 'float32', 0, 1)),
    'its operands are float32, float64, not alike',
  ],
  ['a wrong result', withCode(one, apply('neg', 'float64', 0)), 'it gives float32, not float64'],
  ['a comparison that is not bool', withCode(one, apply('lt', 'float32', 0, 0)), 'it gives bool, not float32'],
  ['a type the operation lacks', withCode(whole, apply('exp', 'int32', 0)), 'it does not take int32, only float'],
  ['arithmetic on bool', withCode(flag, apply('add', 'bool', 0, 0)), 'it does not take bool, only number'],
  ['a condition', withCode(one, apply('where', 'float32', 0, 0, 0)), 'its condition is float32, not bool'],
  ['where of two types', withCode(flag, one, wide, apply('where', 'float32', 0, 1, 2)), 'not alike'],
  ['random of integers', withCode(whole, apply('random', 'int32', 0, 0, 0)), 'it does not take int32, only uint32'],
  ['an unknown operation', withCode(one, apply('sinh' as 'sin', 'float32', 0)), '(sinh): there is no such operation'],
  ['a bitcast that changes the size', withCode(wide, apply('bitcast', 'int32', 0)), 'float64 and int32 differ in size'],
  ['a bitcast to bool', withCode(whole, apply('bitcast', 'bool', 0)), 'the bits of int32 need not be 0 or 1'],
  ['a constant', withCode({ op: 'const', arg: 0.5, dtype: 'int32' }), '0.5 is not a value of int32'],
  ['a scalar', withCode({ op: 'scalar', arg: 0, dtype: 'float32' }), 'there is no scalar 0'],
  [
    "a scalar's type",
    elementwise([4], [], [{ op: 'scalar', arg: 0, dtype: 'float32' }], [], ['int32']),
    'its dtype is float32, but scalar 0 is int32',
  ],
  ['strides', withCode(load(0, affine(0))), '0 strides for 1 axes'],
  ['half a stride', withCode(load(0, affine(0, 0.5))), 'are not integers'],
  [
    'an axis out of scope',
    withBlocks([0], [4, 5], { code: [load(0, affine(0, 0, 1))] }),
    'axis 1 is not in scope in block 0',
  ],
  [
    'an index out of scope',
    withBlocks([], [4], { code: [{ op: 'index', at: affine(0, 1), dtype: 'int32' }] }),
    'axis 0 is not in scope',
  ],
  ['no such buffer', withCode(load(2, affine(0, 1))), 'block 0, instruction 0 (load): there is no buffer 2'],
  ["a buffer's type", withCode(load(0, affine(0, 1), 'int32')), 'its dtype is int32, but buffer 0 is float32'],
  ['a load of what is written', withCode(load(1, affine(0, 1))), "buffer 1 is 'write', so it allows no load"],
  [
    'a store into what is read',
    elementwise([4], buffers, [x], [set(0, affine(0, 1), 0)]),
    "block 0, store 0: buffer 0 is 'read', so it allows no set",
  ],
  ['a scatter into what is written', elementwise([4], buffers, [x], [add(1, affine(0, 1), 0)]), 'it allows no add'],
  ['a store of nothing', elementwise([4], buffers, [], [out]), 'store 0: instruction 0 is not among the 0 before it'],
  ['a store of another type', elementwise([4], buffers, [whole], [out]), 'its dtype is int32, but buffer 1 is float32'],
  [
    'a store with bounds',
    elementwise([4], buffers, [x], [{ ...out, at: { ...out.at, bounds: [{ at: affine(0, 1), lo: 0, hi: 1 }] } }]),
    'only loads have bounds',
  ],
  [
    'updates elsewhere',
    elementwise([4], [readwrite('float32')], [x], [set(0, affine(1, 1), 0)]),
    'buffer 0 is updated in place, but accessed otherwise in block 0, store 0',
  ],
  [
    'updates in another block',
    {
      ...withBlocks([0], [4], { code: [x] }, { code: [one], stores: [set(0, affine(0, 1), 0)] }),
      buffers: [readwrite('float32')],
    },
    'block 0, instruction 0 (load): buffer 0 is updated in place',
  ],
  [
    'updates of a row passed on, but elsewhere',
    {
      ...withBlocks(
        [0],
        [4, 4],
        { inner: [1], code: [one], stores: [set(0, affine(0, 4, 1), 0)] },
        {
          inner: [1],
          code: [load(0, affine(0, 4, 1))],
          stores: [set(0, affine(1, 4, 1), 0)],
        },
      ),
      buffers: [readwrite('float32')],
    },
    'block 1, instruction 0 (load): buffer 0 is updated in place',
  ],
  [
    'a load of a scatter target',
    elementwise([4], [readwrite('float32')], [x], [add(0, affine(0, 1), 0)]),
    "a load of buffer 0, which is for 'add' in block 0, store 0",
  ],
  [
    'an unknown reduction',
    withBlocks([], [4], { code: [{ op: 'prior', block: 0, reduce: 0, dtype: 'float32' }] }),
    'there is no reduction 0 of an earlier block 0',
  ],
  [
    "a reduction's type",
    withBlocks(
      [],
      [4],
      { code: [one], reduces: [{ op: 'argmax', value: 0 }] },
      { code: [{ op: 'prior', block: 0, reduce: 0, dtype: 'float32' }] },
    ),
    'block 1, instruction 0 (prior): its dtype is float32, but that reduction is int32',
  ],
  [
    'a sum of bool',
    withBlocks([], [4], { code: [flag], reduces: [{ op: 'sum', value: 0 }] }),
    'block 0, reduction 0: bool has no sum',
  ],
  ['a sum outside a contraction', withCode({ op: 'acc', dtype: 'float32' }), 'in the epilogue of a contraction only'],
  [
    'n in operand a',
    withContract({ a: { code: [load(0, affine(0, 0, 1, 0))], out: 0 } }),
    'operand a, instruction 0 (load): axis 1 is not in scope in operand a',
  ],
  [
    'm in operand b',
    withContract({ b: { code: [load(0, affine(0, 1, 0, 0))], out: 0 } }),
    'axis 0 is not in scope in operand b',
  ],
  [
    'k in the epilogue',
    withContract({ epilogue: { code: [load(0, affine(0, 0, 0, 1))], stores: [] } }),
    'axis 2 is not in scope in epilogue',
  ],
  [
    "an operand's type",
    withContract({ a: { code: [wide], out: 0 } }),
    'operand a, out: it is float64, but the contraction float32',
  ],
  ['an axis of a contraction twice', withContract({ batch: [0] }), 'batch, m, n and k: axis 0 occurs twice'],
];

it.each(wrong)('refuses %s', (_, kernel, message) => {
  expect(() => validateKernel(kernel)).toThrow(message);
});

describe('indirection', () => {
  const kernel = (index: Inst, entries: ReturnType<typeof by>, fault = readwrite('int32')) =>
    elementwise(
      [4],
      [...buffers, fault],
      [index, { op: 'load', at: { buffer: 0, index: affine(0, 0), by: entries }, dtype: 'float32' }],
      [],
    );
  const cases: [string, Kernel, string][] = [
    ['by a float', kernel(one, by(0)), 'its dtype is float32, but an indirection is int32'],
    ['by a later value', kernel(whole, by(1)), 'instruction 1 is not among the 1 before it'],
    ['into nothing', kernel(whole, by(0, 0)), 'an indirection cannot be clamped into [0, 0)'],
    ['without a fault cell', kernel(whole, by(0, 3, 5)), 'there is no fault cell, buffer 5'],
    [
      'a fault cell of floats',
      kernel(whole, by(0), readwrite('float32')),
      'its dtype is float32, but a fault cell is int32',
    ],
    [
      'a fault cell that is read only',
      kernel(whole, by(0), read('int32')),
      "buffer 2 is 'read', so it allows no fault",
    ],
  ];
  it.each(cases)('%s', (_, wrongKernel, message) => {
    expect(() => validateKernel(wrongKernel)).toThrow(message);
  });
});

describe('segmented kernels', () => {
  const cases: [string, Kernel, string][] = [
    ['are loops', withContract({}), "its body is 'contract'"],
    ['have outer axis 0', withBlocks([], [0]), 'its outer axes are []'],
    ['have axes [0]', elementwise([4], buffers, [], []), 'its axes are [4], not [0]'],
    ['have buffers', elementwise([0], [], [], []), 'it has no buffers'],
    [
      'have stride 0 or 1',
      elementwise([0], buffers, [load(0, affine(0, 2))], []),
      'block 0, instruction 0 (load): base 0 and stride 2',
    ],
    ['have base 0', elementwise([0], buffers, [x], [set(1, affine(1, 1), 0)]), 'block 0, store 0: base 1'],
    [
      'have no indirection',
      elementwise(
        [0],
        buffers,
        [whole, { op: 'load', at: { buffer: 0, index: affine(0, 0), by: by(0) }, dtype: 'float32' }],
        [],
      ),
      'neither bounds nor indirection',
    ],
  ];
  it.each(cases)('%s', (_, kernel, message) => {
    expect(() => validateKernel(segmented(kernel))).toThrow(message);
  });

  it('have no inner axes', () => {
    const inner = withBlocks([0], [0], { inner: [0] });
    expect(() => validateKernel(segmented(inner))).toThrow('block 0: a block of a segmented kernel has no inner axes');
  });
});
