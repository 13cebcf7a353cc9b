import { referenceBackend } from '@kindling/testkit';
import { describe, expect, it } from 'vitest';
import {
  type BackendFactory,
  createRegistry,
  defineBackend,
  defineLoss,
  defineOptimizer,
  definePlugin,
  integer,
  type LossFactory,
  nearest,
  number,
  type OpenRegistry,
  suggestion,
} from '../src/index.js';

const absoluteLoss = defineLoss({
  name: 'absoluteLoss',
  task: 'regression',
  output: 'value',
  options: {},
  compute: (_, input, target) => input.sub(target).abs(),
});
const plain = defineOptimizer({
  name: 'plain',
  options: { lr: number({ default: 0.1 }) },
  init: () => ({}),
  scalars: ({ lr }) => ({ lr }),
  update: ({ parameter, gradient, scalars }) => ({ parameter: parameter.sub(gradient.mul(scalars.lr)), state: {} }),
});
const slow = defineBackend({
  name: 'slow',
  options: { threads: integer({ default: 1, minimum: 1 }) },
  open: ({ threads }) => Promise.resolve({ ...referenceBackend(), name: `slow on ${threads}` }),
});
const plugin = definePlugin({ name: '@acme/things', contract: 1, provides: [absoluteLoss, slow] });

describe('a registry', () => {
  it('finds what was registered, singly or by a plugin', () => {
    const registry = createRegistry(plugin, plain);
    expect(registry.loss('absoluteLoss')).toBe(absoluteLoss);
    expect(registry.optimizer('plain')).toBe(plain);
    expect(registry.backend('slow')).toBe(slow);
    expect(registry.entries()).toEqual([
      { name: 'absoluteLoss', provision: absoluteLoss, plugin: '@acme/things' },
      { name: 'slow', provision: slow, plugin: '@acme/things' },
      { name: 'plain', provision: plain, plugin: undefined },
    ]);
  });
  it('has the names as types', () => {
    const registry = createRegistry(plugin, plain);
    // @ts-expect-error the name of nothing
    expect(() => registry.loss('absoluteLos')).toThrow("there is no loss 'absoluteLos'; did you mean 'absoluteLoss'?");
    // @ts-expect-error the name of something else
    expect(() => registry.optimizer('absoluteLoss')).toThrow("there is no optimizer 'absoluteLoss'; there are plain");
    // @ts-expect-error there is none
    expect(() => createRegistry(plain).loss('x')).toThrow("there is no loss 'x'; there are none");
    const open = registry as OpenRegistry;
    expect(open.loss('absoluteLoss')).toBe(absoluteLoss);
  });
  it('refuses two things of one name', () => {
    const twin = defineLoss({ name: 'absoluteLoss', task: 'regression', output: 'value', options: {}, compute: (_, x) => x }); // prettier-ignore
    expect(() => createRegistry(plugin, twin)).toThrow(
      "createRegistry: the loss 'absoluteLoss' is provided by @acme/things and by an item; register only one",
    );
    expect(() => createRegistry(plugin, absoluteLoss, plugin)).not.toThrow();
    const optimizerOfThatName = defineOptimizer({
      name: 'absoluteLoss',
      options: { lr: number({ default: 1 }) },
      init: () => ({}),
      scalars: () => ({}),
      update: ({ parameter }) => ({ parameter, state: {} }),
    });
    expect(() => createRegistry(plugin, optimizerOfThatName)).not.toThrow();
  });
  it('refuses what it does not understand', () => {
    expect(() => createRegistry({ ...plugin, contract: 2 as 1 })).toThrow(
      "createRegistry: plugin '@acme/things' is written for contract 2, this core has contract 1; install a version",
    );
    expect(() => createRegistry({} as never)).toThrow('an item is neither a plugin nor made by a define function');
    expect(() => createRegistry(undefined as never)).toThrow('an item is neither');
    expect(() => createRegistry({ ...plugin, provides: [(() => 1) as never] })).toThrow("plugin '@acme/things' is neither"); // prettier-ignore
  });
});

describe('defineBackend', () => {
  it('opens with options', async () => {
    expect((await slow({ threads: 4 })).name).toBe('slow on 4');
    expect((await slow()).name).toBe('slow on 1');
    await expect(slow({ threads: 0 })).rejects.toThrow('slow: threads must be at least 1, got 0');
    // @ts-expect-error an option that does not exist
    await expect(slow({ thread: 1 })).rejects.toThrow("slow: there is no option 'thread'; did you mean 'threads'?");
    const factory: BackendFactory<'slow'> = slow;
    expect(factory.backendName).toBe('slow');
  });
});

describe('names', () => {
  it('nearest is near enough to be meant', () => {
    expect(nearest('adm', ['sgd', 'adam', 'adamw'])).toBe('adam');
    expect(nearest('CROSSENTROPYLOSS', ['crossEntropyLoss'])).toBe('crossEntropyLoss');
    expect(nearest('zzzzzz', ['adam'])).toBeUndefined();
    expect(nearest('adam', [])).toBeUndefined();
  });
  it('suggestion lists what there is where nothing is near', () => {
    expect(suggestion('zzzzzz', ['a', 'b'])).toBe('; there are a, b');
    expect(
      suggestion(
        'zzzzzz',
        Array.from({ length: 30 }, (_, i) => `name${i}`),
      ),
    ).toMatch(/name19, …$/);
    expect(suggestion('x', [])).toBe('; there are none');
  });
  it('a loss and its factory know theirs', () => {
    const factory: LossFactory = absoluteLoss;
    expect([factory.kind, factory.lossName, absoluteLoss().lossName]).toEqual(['loss', 'absoluteLoss', 'absoluteLoss']);
  });
});
