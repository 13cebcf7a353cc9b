import { readFileSync } from 'node:fs';
import { type DType, tensor, type Tensor, type TypedArray } from '@kindling/core';
import { expect } from 'vitest';

// What goldens/generate.py writes.
type Numbers = readonly (number | 'NaN' | 'Infinity' | '-Infinity')[];
export interface GoldenTensor {
  readonly shape: readonly number[];
  readonly data: Numbers;
  readonly dtype?: 'int32';
}
export interface GoldenResult {
  readonly value: Numbers;
  readonly input: Numbers;
  readonly target?: Numbers;
}
export const reductions = ['mean', 'sum', 'none'] as const;
export interface GoldenCase extends Record<(typeof reductions)[number], GoldenResult> {
  readonly name: string;
  readonly options: Readonly<Record<string, unknown>>;
  readonly input: GoldenTensor;
  readonly target: GoldenTensor;
  readonly upstream: Numbers;
}

export function readGoldens(loss: string): GoldenCase[] {
  return JSON.parse(readFileSync(new URL(`./goldens/${loss}.golden.json`, import.meta.url), 'utf8')) as GoldenCase[];
}

/** What goldens/several.py writes. */
export interface SeveralCase {
  readonly name: string;
  readonly options: Readonly<Record<string, unknown>>;
  readonly inputs: readonly GoldenTensor[];
  readonly softmax?: true;
  readonly upstream: Numbers;
  readonly results: Readonly<Record<string, { value: Numbers; gradients: readonly (Numbers | null)[] }>>;
}
export function readSeveral(loss: string): SeveralCase[] {
  return JSON.parse(readFileSync(new URL(`./goldens/${loss}.golden.json`, import.meta.url), 'utf8')) as SeveralCase[];
}

export function goldenTensor({ shape, data, dtype: own }: GoldenTensor, dtype: DType): Tensor {
  return tensor(Float64Array.from(data, Number), { shape, dtype: own ?? dtype });
}

/** Options as the factory takes them: {shape, data} is a tensor. */
export function goldenOptions(options: GoldenCase['options'], dtype: DType): Record<string, unknown> {
  const isTensor = (v: unknown): v is GoldenTensor => typeof v === 'object' && v !== null && 'data' in v;
  return Object.fromEntries(Object.entries(options).map(([k, v]) => [k, isTensor(v) ? goldenTensor(v, dtype) : v]));
}

/** float32: rtol 1e-5 and 1e-6 of the greatest; float64: 1e-10 and as much less of the greatest. */
const tolerance = { float32: [1e-5, 1e-6], float64: [1e-10, 1e-11] } as const;

export function expectGolden(actual: TypedArray, golden: Numbers, dtype: 'float32' | 'float64', what: string): void {
  const wanted = golden.map(Number);
  expect(actual.length, `${what}: number of elements`).toBe(wanted.length);
  const greatest = Math.max(0, ...wanted.map(Math.abs).filter(Number.isFinite));
  const [relative, absolute] = tolerance[dtype];
  wanted.forEach((w, i) => {
    const a = actual[i];
    if (Object.is(a, w) || a === w) return;
    const close = Math.abs(a - w) <= relative * Math.abs(w) + absolute * greatest; // false for NaN
    if (!close) expect.fail(`${what}[${i}] is ${a}, PyTorch has ${w} (${dtype}, greatest ${greatest})`);
  });
}
