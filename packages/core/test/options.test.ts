import type { StandardJSONSchemaV1, StandardSchemaV1 } from '@standard-schema/spec';
import { describe, expect, expectTypeOf, it } from 'vitest';
import {
  boolean,
  choice,
  code,
  integer,
  KindlingError,
  number,
  optionsSchema,
  resolveOptions,
  Tensor,
  tensor,
  tensorOption,
  tuple,
} from '../src/index.js';

const fields = {
  lr: number({ default: 1e-3, minimum: 0, description: 'the learning rate' }),
  quantile: number({ default: 0.5, exclusiveMinimum: 0, exclusiveMaximum: 1 }),
  steps: integer({ default: 10, minimum: 1, maximum: 100 }),
  nesterov: boolean({ default: false }),
  mode: choice(['fast', 'exact'], { default: 'fast' }),
  betas: tuple({ default: [0.9, 0.999], minimum: 0, exclusiveMaximum: 1 }),
  weight: tensorOption({ optional: true, description: 'one number for each class' }),
  callback: code<((x: number) => number) | undefined>({ default: undefined }),
};
const schema = optionsSchema(fields);
const resolve = (given: unknown): Record<string, unknown> => resolveOptions('thing', schema, given);

describe('options', () => {
  it('have defaults', () => {
    const defaults = { lr: 1e-3, quantile: 0.5, steps: 10, nesterov: false, mode: 'fast', betas: [0.9, 0.999], weight: undefined, callback: undefined }; // prettier-ignore
    expect(resolve({})).toEqual(defaults);
    expect(resolve(undefined)).toEqual(defaults);
    expect(resolve({ lr: undefined, steps: null })).toEqual(defaults);
  });
  it('take what is given', () => {
    const double = (x: number): number => 2 * x;
    const given = {
      lr: 0,
      quantile: 0.9,
      steps: 100,
      nesterov: true,
      mode: 'exact',
      betas: [0, 0.5],
      callback: double,
    };
    expect(resolve(given)).toMatchObject(given);
  });
  it('give tensors for arrays', () => {
    const weight = resolve({ weight: [1, 2] })['weight'] as Tensor;
    expect(weight).toBeInstanceOf(Tensor);
    expect(Array.from(weight.dataSync())).toEqual([1, 2]);
    const given = tensor([1]);
    expect(resolve({ weight: given })['weight']).toBe(given);
    expect(resolve({ weight: Float64Array.of(3) })['weight']).toMatchObject({ dtype: 'float64' });
  });
  it.each([
    [{ lr: -1 }, 'thing: lr must be at least 0, got -1'],
    [{ lr: NaN }, 'lr must be a number, got NaN'],
    [{ lr: '1' }, 'lr must be a number, got "1"'],
    [{ quantile: 0 }, 'quantile must be greater than 0 and less than 1, got 0'],
    [{ quantile: 1 }, 'quantile must be greater than 0 and less than 1, got 1'],
    [{ steps: 1.5 }, 'steps must be an integer, got 1.5'],
    [{ steps: 0 }, 'steps must be at least 1 and at most 100, got 0'],
    [{ nesterov: 1 }, 'nesterov must be true or false, got 1'],
    [{ mode: 'slow' }, `mode must be one of 'fast', 'exact', got "slow"`],
    [{ betas: [0.9] }, 'betas must be 2 numbers, got [0.9]'],
    [{ betas: [0.9, 1] }, 'betas must be 2 numbers, each of which must be at least 0 and less than 1, got [0.9,1]'],
    [{ weight: 'all' }, 'weight must be an array of numbers or a tensor, got "all"'],
    [{ weight: [1, '2'] }, 'weight must be an array of numbers'],
    [[], 'the options must be an object, got object'],
    [3, 'the options must be an object, got number'],
  ])('%j is wrong', (given, message) => {
    expect(() => resolve(given)).toThrow(message);
    expect(() => resolve(given)).toThrow(KindlingError);
  });
  it('that nobody knows are named, with the nearest', () => {
    expect(() => resolve({ quantil: 1 })).toThrow("there is no option 'quantil'; did you mean 'quantile'?");
    expect(() => resolve({ NESTEROV: true })).toThrow("did you mean 'nesterov'?");
    expect(() => resolve({ xyzzyplugh: 1 })).toThrow('; there are lr, quantile, steps, nesterov, mode, betas, weight, callback'); // prettier-ignore
    expect(() => resolve({ toString: 1 })).toThrow("there is no option 'toString'");
  });
  it('that are wrong are all named', () => {
    expect(() => resolve({ lr: -1, steps: 0, moed: 'fast' })).toThrow(/moed.*; lr must.*; steps must/);
  });
});

describe('the schema', () => {
  it('is a Standard Schema', () => {
    const standard: StandardSchemaV1 = schema;
    const result = standard['~standard'].validate({ lr: -1, oops: 1 });
    expect(standard['~standard']).toMatchObject({ version: 1, vendor: 'kindling' });
    expect(result).toEqual({
      issues: [
        { message: expect.stringContaining("there is no option 'oops'"), path: ['oops'] },
        { message: 'lr must be at least 0, got -1', path: ['lr'] },
      ],
    });
    expect(standard['~standard'].validate({ lr: 1 })).toMatchObject({ value: { lr: 1, steps: 10 } });
    type Output = StandardSchemaV1.InferOutput<typeof schema>;
    expectTypeOf<Output['lr']>().toEqualTypeOf<number>();
    expectTypeOf<Output['mode']>().toEqualTypeOf<'fast' | 'exact'>();
    expectTypeOf<Output['betas']>().toEqualTypeOf<readonly [number, number]>();
    expectTypeOf<StandardSchemaV1.InferInput<typeof schema>>().toEqualTypeOf<{
      lr?: number;
      quantile?: number;
      steps?: number;
      nesterov?: boolean;
      mode?: 'fast' | 'exact';
      betas?: readonly [number, number];
      weight?: Tensor | readonly number[] | undefined;
      callback?: ((x: number) => number) | undefined;
    }>();
  });
  it('is a Standard JSON Schema', () => {
    const standard: StandardJSONSchemaV1 = schema;
    const json = standard['~standard'].jsonSchema.input({ target: 'draft-2020-12' });
    expect(json).toEqual({
      type: 'object',
      additionalProperties: false,
      properties: {
        lr: { type: 'number', minimum: 0, default: 1e-3, description: 'the learning rate' },
        quantile: { type: 'number', exclusiveMinimum: 0, exclusiveMaximum: 1, default: 0.5 },
        steps: { type: 'integer', minimum: 1, maximum: 100, default: 10 },
        nesterov: { type: 'boolean', default: false },
        mode: { type: 'string', enum: ['fast', 'exact'], default: 'fast' },
        betas: { type: 'array', items: { type: 'number', minimum: 0, exclusiveMaximum: 1 }, minItems: 2, maxItems: 2, default: [0.9, 0.999] }, // prettier-ignore
        weight: { type: 'array', items: { type: 'number' }, description: 'one number for each class' },
      },
    });
    expect(JSON.parse(JSON.stringify(json))).toEqual(json);
    expect(standard['~standard'].jsonSchema.output({ target: 'draft-07' })).toEqual(json);
  });
});
