import { KindlingError, suggestion } from '@kindling/core';
import { activation, activationNames, type ActivationName } from './activation.js';
import { batchNorm1d, type BatchNormOptions } from './batchNorm1d.js';
import { dropout } from './dropout.js';
import { embedding } from './embedding.js';
import { flatten } from './flatten.js';
import { layerNorm, type LayerNormOptions } from './layerNorm.js';
import { linear, type LinearOptions } from './linear.js';
import { type Description, type Module } from './module.js';
import { sequential } from './sequential.js';

/** The architecture of a model as JSON, or undefined where a part of it is of your own making. */
export function describe(model: object): Description | undefined {
  return 'describe' in model && typeof model.describe === 'function'
    ? (model as { describe(): Description | undefined }).describe()
    : undefined;
}

/** Files come from anywhere: these limits are far above what anyone trains here. */
const mostLayers = 10_000;
const deepest = 32;
const mostElements = 2 ** 31;

type Check = 'size' | 'from0' | 'boolean' | 'number' | 'sizes';
interface Kind {
  readonly required: Readonly<Record<string, Check>>;
  readonly optional: Readonly<Record<string, Check>>;
  /** Numbers that its parameters hold, for the limit. */
  readonly elements?: (d: Record<string, number>) => number;
  readonly make: (d: Description) => Module;
}
const kinds: Record<string, Kind> = {
  linear: {
    required: { inputs: 'size', outputs: 'size' },
    optional: { bias: 'boolean' },
    elements: (d) => d['inputs'] * d['outputs'],
    make: (d) => linear(d['inputs'] as number, d['outputs'] as number, options<LinearOptions>(d, ['bias'])),
  },
  dropout: { required: {}, optional: { p: 'number' }, make: (d) => dropout(d['p'] as number | undefined) },
  flatten: { required: {}, optional: { from: 'from0' }, make: (d) => flatten(d['from'] as number | undefined) },
  embedding: {
    required: { count: 'size', width: 'size' },
    optional: {},
    elements: (d) => d['count'] * d['width'],
    make: (d) => embedding(d['count'] as number, d['width'] as number),
  },
  layerNorm: {
    required: { shape: 'sizes' },
    optional: { eps: 'number', affine: 'boolean' },
    make: (d) => layerNorm(d['shape'] as number[], options<LayerNormOptions>(d, ['eps', 'affine'])),
  },
  batchNorm1d: {
    required: { features: 'size' },
    optional: { eps: 'number', momentum: 'number', affine: 'boolean', trackRunningStats: 'boolean' },
    elements: (d) => d['features'],
    make: (d) => batchNorm1d(d['features'] as number, options<BatchNormOptions>(d, ['eps', 'momentum', 'affine', 'trackRunningStats'])), // prettier-ignore
  },
};

/**
 * A new model of the architecture that `describe` gave, with initial weights. The description may come from a file:
 * everything in it is checked, and an error names the place.
 */
export function build(description: unknown): Module {
  return buildAt(description, 'architecture', { layers: 0 }, 0);
}

function buildAt(given: unknown, place: string, count: { layers: number }, depth: number): Module {
  if (given === null || typeof given !== 'object' || Array.isArray(given)) throw fault(place, 'must be an object');
  const d = given as Description;
  if (typeof d.type !== 'string') throw fault(`${place}.type`, 'must be the name of a layer');
  count.layers += 1;
  if (count.layers > mostLayers) throw fault(place, `comes after ${mostLayers} layers, more than any model has`);
  if (d.type === 'sequential') {
    if (depth >= deepest) throw fault(place, `is nested deeper than ${deepest}`);
    allow(d, place, ['layers']);
    const layers: unknown = d['layers'];
    if (!Array.isArray(layers)) throw fault(`${place}.layers`, 'must be an array');
    return sequential(...layers.map((layer, i) => buildAt(layer, `${place}.layers[${i}]`, count, depth + 1)));
  }
  if ((activationNames as readonly string[]).includes(d.type)) {
    const { type, ...rest } = d;
    try {
      return activation(type as ActivationName, rest);
    } catch (error) {
      throw fault(place, `is wrong: ${(error as Error).message}`);
    }
  }
  if (!Object.hasOwn(kinds, d.type))
    throw fault(`${place}.type`, `is '${d.type.slice(0, 60)}', which is no layer of this release${suggestion(d.type.slice(0, 60), Object.keys(kinds))}`); // prettier-ignore
  const kind = kinds[d.type];
  allow(d, place, [...Object.keys(kind.required), ...Object.keys(kind.optional)]);
  for (const [name, check] of Object.entries(kind.required)) verify(d[name], check, `${place}.${name}`);
  for (const [name, check] of Object.entries(kind.optional))
    if (d[name] !== undefined) verify(d[name], check, `${place}.${name}`);
  if ((kind.elements?.(d as never) ?? 0) > mostElements) throw fault(place, 'has more weights than memory can hold');
  try {
    return kind.make(d);
  } catch (error) {
    throw fault(place, `is wrong: ${(error as Error).message}`);
  }
}

function allow(d: Description, place: string, names: readonly string[]): void {
  for (const name of Object.keys(d))
    if (name !== 'type' && !names.includes(name)) throw fault(place, `has an unknown entry '${name.slice(0, 60)}'`);
}

function verify(value: unknown, check: Check, place: string): void {
  const size = (v: unknown, least: number): boolean => Number.isSafeInteger(v) && (v as number) >= least && (v as number) <= mostElements; // prettier-ignore
  const problem =
    check === 'size' ? !size(value, 1) && 'must be a whole number of at least 1'
    : check === 'from0' ? !size(value, 0) && 'must be a whole number of at least 0'
    : check === 'boolean' ? typeof value !== 'boolean' && 'must be true or false'
    : check === 'number' ? !Number.isFinite(value) && 'must be a number'
    : check === 'sizes' ? !(Array.isArray(value) && value.length > 0 && value.length <= 8 && value.every((v) => size(v, 1)) && value.reduce((a: number, b: number) => a * b, 1) <= mostElements) && 'must be an array of sizes'
    : false; // prettier-ignore
  if (problem !== false) throw fault(place, problem);
}

function options<T extends object>(d: Description, names: readonly (keyof T & string)[]): T {
  return Object.fromEntries(names.filter((name) => d[name] !== undefined).map((name) => [name, d[name]])) as T;
}

function fault(place: string, problem: string): KindlingError {
  return new KindlingError(`The model file is damaged: ${place} ${problem}`);
}
