import { KindlingError, suggestion } from '@kindling/core';
import { activation, activationNames, type ActivationName } from './activation.js';
import { adaptiveLogSoftmaxWithLoss, type AdaptiveLogSoftmaxOptions } from './adaptiveLogSoftmaxWithLoss.js';
import { batchNorm1d, batchNorm2d, batchNorm3d } from './batchNorm.js';
import { type Rank } from './common/each.js';
import { Convolution } from './convolution.js';
import { ConvolutionTranspose } from './convolutionTranspose.js';
import { dropout } from './dropout.js';
import { embedding } from './embedding.js';
import { flatten } from './flatten.js';
import { groupNorm } from './groupNorm.js';
import { instanceNorm1d, instanceNorm2d, instanceNorm3d } from './instanceNorm.js';
import { type LayerNorm, layerNorm, type LayerNormOptions } from './layerNorm.js';
import { linear, type LinearOptions } from './linear.js';
import { type Description, type Module } from './module.js';
import { multiheadAttention } from './multiheadAttention.js';
import {
  adaptiveAvgPool1d,
  adaptiveAvgPool2d,
  adaptiveAvgPool3d,
  adaptiveMaxPool1d,
  adaptiveMaxPool2d,
  adaptiveMaxPool3d,
  avgPool1d,
  avgPool2d,
  avgPool3d,
  maxPool1d,
  maxPool2d,
  maxPool3d,
} from './pooling.js';
import { rmsNorm } from './rmsNorm.js';
import { sequential } from './sequential.js';
import { TransformerEncoder } from './transformerEncoder.js';
import { transformerEncoderLayer, type TransformerEncoderLayer } from './transformerEncoderLayer.js';
import { unflatten } from './unflatten.js';

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

type Check = 'size' | 'from0' | 'boolean' | 'number' | 'sizes' | 'each' | 'padding' | 'text' | 'cutoffs';
interface Kind {
  readonly required: Readonly<Record<string, Check>>;
  readonly optional: Readonly<Record<string, Check>>;
  /** Numbers that its parameters hold, for the limit. */
  readonly elements?: (d: Record<string, number>) => number;
  readonly make: (d: Description) => Module;
}
const ranks: readonly Rank[] = [1, 2, 3];
// not the namespace of pooling.ts, which a bundle would keep as a whole
const pools = {
  maxPool: [maxPool1d, maxPool2d, maxPool3d],
  avgPool: [avgPool1d, avgPool2d, avgPool3d],
  adaptiveMaxPool: [adaptiveMaxPool1d, adaptiveMaxPool2d, adaptiveMaxPool3d],
  adaptiveAvgPool: [adaptiveAvgPool1d, adaptiveAvgPool2d, adaptiveAvgPool3d],
} as const;
const product = (sizes: unknown): number => [sizes].flat().reduce((n: number, size) => n * (size as number), 1); // a single size stands for as many as there are

/** The layers over planes of 1, 2 and 3 dimensions. */
function ofRank(rank: Rank): [name: string, kind: Kind][] {
  const normOptions = ['eps', 'momentum', 'affine', 'trackRunningStats'] as const;
  const norm = (make: typeof batchNorm1d): Kind => ({
    required: { features: 'size' },
    optional: { eps: 'number', momentum: 'number', affine: 'boolean', trackRunningStats: 'boolean' },
    elements: (d) => d['features'],
    make: (d) => make(d['features'] as number, options(d, normOptions)),
  });
  const window: Kind['optional'] = { stride: 'each', dilation: 'each', groups: 'size', bias: 'boolean' };
  const layer = (more: Kind['optional'], of: typeof Convolution | typeof ConvolutionTranspose): Kind => {
    const optional = { ...window, ...more };
    return {
      required: { inputs: 'size', outputs: 'size', kernelSize: 'each' },
      optional,
      elements: (d) => (d['inputs'] * d['outputs'] * product(d['kernelSize'])) / (d['groups'] ?? 1),
      make: (d) => new of(rank, d['inputs'] as number, d['outputs'] as number, d['kernelSize'] as number[], options(d, Object.keys(optional) as [])),
    }; // prettier-ignore
  };
  const pool = (type: 'maxPool' | 'avgPool', more: Kind['optional']): Kind => {
    const optional: Kind['optional'] = { stride: 'each', padding: 'each', ceilMode: 'boolean', ...more };
    return {
      required: { kernelSize: 'each' },
      optional,
      make: (d) => pools[type][rank - 1](d['kernelSize'] as number[], options(d, Object.keys(optional) as [])),
    };
  };
  const adaptive = (type: 'adaptiveMaxPool' | 'adaptiveAvgPool'): Kind => ({
    required: { outputSize: 'each' },
    optional: {},
    make: (d) => pools[type][rank - 1](d['outputSize'] as number[]),
  });
  const norms = { 1: [batchNorm1d, instanceNorm1d], 2: [batchNorm2d, instanceNorm2d], 3: [batchNorm3d, instanceNorm3d] } as const; // prettier-ignore
  return [
    [`conv${rank}d`, layer({ padding: 'padding', paddingMode: 'text' }, Convolution)],
    [`convTranspose${rank}d`, layer({ padding: 'each', outputPadding: 'each' }, ConvolutionTranspose)],
    [`maxPool${rank}d`, pool('maxPool', { dilation: 'each' })],
    [`avgPool${rank}d`, pool('avgPool', { countIncludePad: 'boolean', divisorOverride: 'number' })],
    [`adaptiveMaxPool${rank}d`, adaptive('adaptiveMaxPool')],
    [`adaptiveAvgPool${rank}d`, adaptive('adaptiveAvgPool')],
    [`batchNorm${rank}d`, norm(norms[rank][0])],
    [`instanceNorm${rank}d`, norm(norms[rank][1])],
  ];
}

const ofAnyRank: Readonly<Record<string, Kind>> = {
  linear: {
    required: { inputs: 'size', outputs: 'size' },
    optional: { bias: 'boolean' },
    elements: (d) => d['inputs'] * d['outputs'],
    make: (d) => linear(d['inputs'] as number, d['outputs'] as number, options<LinearOptions>(d, ['bias'])),
  },
  dropout: { required: {}, optional: { p: 'number' }, make: (d) => dropout(d['p'] as number | undefined) },
  flatten: { required: {}, optional: { from: 'from0' }, make: (d) => flatten(d['from'] as number | undefined) },
  unflatten: {
    required: { dim: 'from0', sizes: 'sizes' },
    optional: {},
    make: (d) => unflatten(d['dim'] as number, d['sizes'] as number[]),
  },
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
  adaptiveLogSoftmaxWithLoss: {
    required: { inputs: 'size', classes: 'size', cutoffs: 'cutoffs' },
    optional: { divValue: 'number', headBias: 'boolean' },
    elements: (d) => d['inputs'] * d['classes'],
    make: (d) => adaptiveLogSoftmaxWithLoss(d['inputs'] as number, d['classes'] as number, d['cutoffs'] as number[], options<AdaptiveLogSoftmaxOptions>(d, ['divValue', 'headBias'])), // prettier-ignore
  },
  groupNorm: {
    required: { groups: 'size', features: 'size' },
    optional: { eps: 'number', affine: 'boolean' },
    elements: (d) => d['features'],
    make: (d) => groupNorm(d['groups'] as number, d['features'] as number, options(d, ['eps', 'affine'])),
  },
  rmsNorm: {
    required: { shape: 'sizes' },
    optional: { eps: 'number', affine: 'boolean' },
    make: (d) => rmsNorm(d['shape'] as number[], options(d, ['eps', 'affine'])),
  },
  multiheadAttention: {
    required: { embedDim: 'size', numHeads: 'size' },
    optional: { dropout: 'number', bias: 'boolean', kDim: 'size', vDim: 'size', batchFirst: 'boolean' },
    elements: (d) => d['embedDim'] * Math.max(4 * d['embedDim'], d['kDim'] ?? 0, d['vDim'] ?? 0),
    make: (d) => multiheadAttention(d['embedDim'] as number, d['numHeads'] as number, options(d, ['dropout', 'bias', 'kDim', 'vDim', 'batchFirst'])), // prettier-ignore
  },
  transformerEncoderLayer: {
    required: { dModel: 'size', nHead: 'size' },
    optional: {
      dimFeedforward: 'size', dropout: 'number', activation: 'text', layerNormEps: 'number', batchFirst: 'boolean', normFirst: 'boolean',
    }, // prettier-ignore
    elements: (d) => d['dModel'] * Math.max(4 * d['dModel'], 2 * (d['dimFeedforward'] ?? 2048)),
    make: (d) => transformerEncoderLayer(d['dModel'] as number, d['nHead'] as number, options(d, ['dimFeedforward', 'dropout', 'activation', 'layerNormEps', 'batchFirst', 'normFirst'])), // prettier-ignore
  },
};
// marked as pure: programs that build nothing from files do not carry all layers
const kinds: Record<string, Kind> = /* @__PURE__ */ Object.assign(
  /* @__PURE__ */ Object.fromEntries(/* @__PURE__ */ ranks.flatMap(ofRank)),
  ofAnyRank,
);

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
  if (d.type === 'transformerEncoder') {
    if (depth >= deepest) throw fault(place, `is nested deeper than ${deepest}`);
    allow(d, place, ['layers', 'norm']);
    const layers: unknown = d['layers'];
    if (!Array.isArray(layers)) throw fault(`${place}.layers`, 'must be an array');
    const part = (given: unknown, where: string, type: string): Module => {
      if ((given as { type?: unknown } | null)?.type !== type) throw fault(`${where}.type`, `must be '${type}'`);
      return buildAt(given, where, count, depth + 1);
    };
    const parts = layers.map((layer, i) => part(layer, `${place}.layers[${i}]`, 'transformerEncoderLayer'));
    if (parts.length === 0) throw fault(`${place}.layers`, 'must have one layer or more');
    const norm = d['norm'] === undefined ? undefined : part(d['norm'], `${place}.norm`, 'layerNorm');
    return new TransformerEncoder(parts as TransformerEncoderLayer[], norm as LayerNorm | undefined);
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
    : check === 'text' ? (typeof value !== 'string' || value.length > 60) && 'must be a short text'
    : check === 'each' || check === 'padding' ? !(check === 'padding' && (value === 'same' || value === 'valid')) && !([value].flat().length <= 3 && [value].flat().every((v) => size(v, 0))) && 'must be a whole number of at least 0, or one for each dimension'
    : check === 'cutoffs' ? !(Array.isArray(value) && value.length > 0 && value.length <= 100 && value.every((v) => size(v, 1))) && 'must be an array of sizes'
    : false; // prettier-ignore
  if (problem !== false) throw fault(place, problem);
}

function options<T extends object>(d: Description, names: readonly (keyof T & string)[]): T {
  return Object.fromEntries(names.filter((name) => d[name] !== undefined).map((name) => [name, d[name]])) as T;
}

function fault(place: string, problem: string): KindlingError {
  return new KindlingError(`The model file is damaged: ${place} ${problem}`);
}
