import { isFloat } from '@kindling/core';
import type { Contract, Ids, Kernel, Loops, Operand, Store } from './ir.js';
import { rounding } from './reference/convert.js';
import { evaluateAddress, evaluateCode, type Frame } from './reference/evaluateCode.js';
import { memory } from './reference/memory.js';
import { reducer } from './reference/reducer.js';
import { validateKernel } from './validateKernel.js';

/**
 * What a kernel means: the executable specification of the IR, for tests of code generators. Slow and certain; throws
 * where a device would read or write outside a buffer.
 *
 * Its results are reference values. Every instruction on floats is rounded once, from a float64 result; sums and
 * products, contractions and scatters are kept in float64 and rounded at their end, so a device, which adds in float32
 * and in another order, differs by a few ulp of the largest partial sum.
 */
export function interpretKernel(kernel: Kernel): (buffers: readonly ArrayBuffer[], scalars: Float64Array) => void {
  validateKernel(kernel);
  const perBuffers = kernel.buffers.length;
  const perScalars = kernel.scalars.length;
  return (buffers, scalars) => {
    if (!kernel.segmented) {
      expectCounts(buffers.length, perBuffers, scalars.length, perScalars);
      launch(kernel, kernel.axes, buffers, scalars);
      return;
    }
    const segments = Math.max(1, Math.floor(buffers.length / perBuffers));
    expectCounts(buffers.length, segments * perBuffers, scalars.length, segments * (1 + perScalars));
    for (let segment = 0; segment < segments; segment++) {
      const [length, ...rest] = scalars.subarray(segment * (1 + perScalars), (segment + 1) * (1 + perScalars));
      if (!Number.isInteger(length) || length < 0) throw new RangeError(`segment ${segment} has length ${length}`);
      launch(kernel, [length], buffers.slice(segment * perBuffers, (segment + 1) * perBuffers), rest);
    }
  };
}

function expectCounts(buffers: number, wantedBuffers: number, scalars: number, wantedScalars: number): void {
  if (buffers !== wantedBuffers || scalars !== wantedScalars) {
    throw new RangeError(
      `a launch with ${buffers} buffers and ${scalars} scalars of a kernel that takes ${wantedBuffers} and ${wantedScalars}`,
    );
  }
}

function launch(kernel: Kernel, sizes: Ids, buffers: readonly ArrayBuffer[], scalars: ArrayLike<number>): void {
  const frame: Frame = {
    position: sizes.map(() => 0),
    buffers: kernel.buffers.map(({ dtype }, i) => memory(dtype, buffers[i])),
    scalars,
    priors: [],
    acc: 0,
  };
  if (kernel.body.kind === 'loops') runLoops(kernel.body, sizes, frame);
  else runContract(kernel.body, sizes, frame);
  for (const buffer of frame.buffers) buffer.finish();
}

function runLoops({ outer, blocks }: Loops, sizes: Ids, frame: Frame): void {
  const runs = blocks.map(({ inner, code, reduces, stores }, b) => {
    const { values, evaluate } = evaluateCode(code, frame, `block ${b}`);
    const store = storing(stores, values, frame, `block ${b}`);
    return () => {
      const reducers = reduces.map(({ op, value }) => reducer(op, code[value].dtype));
      forEachIndex(inner, sizes, frame, () => {
        evaluate();
        for (let r = 0; r < reduces.length; r++) reducers[r].add(values[reduces[r].value]);
        store();
      });
      frame.priors[b] = reducers.map((r) => r.result());
    };
  });
  forEachIndex(outer, sizes, frame, () => {
    for (const run of runs) run();
  });
}

function runContract({ batch, m, n, k, a, b, dtype, epilogue }: Contract, sizes: Ids, frame: Frame): void {
  const packA = packing(a, k, sizes, frame, 'operand a');
  const packB = packing(b, k, sizes, frame, 'operand b');
  const { values, evaluate } = evaluateCode(epilogue.code, frame, 'epilogue');
  const store = storing(epilogue.stores, values, frame, 'epilogue');
  const dot = isFloat(dtype) ? floatDot : integerDot;
  const round = rounding(dtype);
  forEachIndex(batch, sizes, frame, () => {
    const columns: Float64Array[] = [];
    forEachIndex(n, sizes, frame, () => columns.push(packB()));
    forEachIndex(m, sizes, frame, () => {
      const row = packA();
      let column = 0;
      forEachIndex(n, sizes, frame, () => {
        frame.acc = round(dot(row, columns[column++]));
        evaluate();
        store();
      });
    });
  });
}

/** A function that evaluates an operand along k. */
function packing({ code, out }: Operand, k: Ids, sizes: Ids, frame: Frame, where: string): () => Float64Array {
  const { values, evaluate } = evaluateCode(code, frame, where);
  const length = k.reduce((product, axis) => product * sizes[axis], 1);
  return () => {
    const line = new Float64Array(length);
    let i = 0;
    forEachIndex(k, sizes, frame, () => {
      evaluate();
      line[i++] = values[out];
    });
    return line;
  };
}

function floatDot(a: Float64Array, b: Float64Array): number {
  let sum = 0;
  for (let i = 0; i < a.length; i++) sum += a[i] * b[i];
  return sum;
}

function integerDot(a: Float64Array, b: Float64Array): number {
  let sum = 0;
  for (let i = 0; i < a.length; i++) sum = (sum + Math.imul(a[i], b[i])) | 0;
  return sum;
}

function storing(stores: readonly Store[], values: Float64Array, frame: Frame, where: string): () => void {
  const run = stores.map(({ at, value, mode }, s) => {
    const address = evaluateAddress(at, values, frame, `${where}, store ${s}`);
    const buffer = frame.buffers[at.buffer];
    return mode === 'add' ? () => buffer.add(address(), values[value]) : () => buffer.set(address(), values[value]);
  });
  return () => {
    for (const store of run) store();
  };
}

/** Row-major over `axes`; once, if there are none. */
function forEachIndex(axes: Ids, sizes: Ids, frame: Frame, body: () => void, depth = 0): void {
  if (depth === axes.length) return body();
  const axis = axes[depth];
  for (let i = 0; i < sizes[axis]; i++) {
    frame.position[axis] = i;
    forEachIndex(axes, sizes, frame, body, depth + 1);
  }
}
