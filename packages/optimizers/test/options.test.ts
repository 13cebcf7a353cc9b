import { readFileSync } from 'node:fs';
import { createRegistry, type Fields, type OpenRegistry, parameter, zeros } from '@kindling/core';
import { expect, test } from 'vitest';
import plugin, * as optimizers from '../src/index.js';
import { adafactor, adam, adamw, adan, ftrl, lion, muon, rmsprop, rprop, sgd } from '../src/index.js';

const some = () => [parameter(zeros([2]))];
const registry = createRegistry(plugin) as OpenRegistry;
const read = (name: string): unknown =>
  JSON.parse(readFileSync(new URL(`./goldens/${name}.golden.json`, import.meta.url), 'utf8'));

test('the package registers its optimizers and schedules, with a description of every option', () => {
  const registered = registry.entries().map(({ name, provision }) => [name, provision] as const);
  const exported = Object.entries(optimizers).filter(([, v]) => 'kind' in v);
  expect([...registered].sort()).toEqual([...exported].sort());
  for (const [name, { schema }] of registered)
    for (const [option, field] of Object.entries(schema.fields as Fields))
      expect(field.description, `${name}.${option}`).toBeTruthy();
});

/** A choice that PyTorch has as None. */
const none: Readonly<Record<string, unknown>> = { lineSearchFn: 'none', adjustLrFn: 'original' };

test.each(Object.entries(read('defaults') as Record<string, Record<string, unknown>>))(
  "options and defaults are PyTorch's: %s",
  (name, wanted) => {
    const { fields } = registry.optimizer(name).schema;
    const open = (value: unknown, option: string): unknown =>
      Array.isArray(value) ? value.map((x) => open(x, option)) : (value ?? none[option]);
    const own = Object.fromEntries(Object.entries(fields).map(([option, field]) => [option, field.default]));
    const theirs = Object.fromEntries(Object.entries(wanted).map(([option, value]) => [option, open(value, option)]));
    expect({ maximize: false, ...theirs }).toEqual(own);
  },
);

test.each(registry.entries().flatMap(({ name, provision }) => (provision.kind === 'optimizer' ? [name] : [])))(
  'each option is away from its default in a golden: %s',
  (name) => {
    // a golden of one may be followed by another
    const goldens = name === 'adam' ? ['adam', 'adamw'] : [name];
    const cases = goldens.flatMap((golden) => read(golden) as { options: object; groups?: object[]; only?: unknown }[]);
    const given = cases.flatMap(({ options, groups = [] }) => [options, ...groups] as Record<string, unknown>[]);
    const followed = name === 'adam' ? ['decoupledWeightDecay'] : [];
    const untested = Object.entries(registry.optimizer(name).schema.fields).filter(([option, field]) =>
      given.every((g) => g[option] === undefined || JSON.stringify(g[option]) === JSON.stringify(field.default)),
    );
    expect(untested.map(([option]) => option)).toEqual(followed);
  },
);

test.each<[() => unknown, RegExp]>([
  [() => sgd(some(), { lr: -1 }), /sgd: .*lr.*at least 0/],
  [() => sgd(some(), { momentun: 0.9 } as never), /did you mean 'momentum'/],
  [() => sgd(some(), { nesterov: true }), /sgd: nesterov needs a momentum/],
  [() => sgd(some(), { nesterov: true, momentum: 0.9, dampening: 0.1 }), /no dampening.*0\.1/],
  [() => adam(some(), { betas: [0.9, 1] }), /adam: .*betas.*less than 1/],
  [() => adam(some(), { betas: [0.9] as never }), /betas.*2 numbers/],
  [() => adamw(some(), { weightDecay: -0.1 }), /adamw: .*weightDecay.*at least 0/],
  [() => rmsprop(some(), { eps: -1e-8 }), /rmsprop: .*eps/],
  [() => rprop(some(), { etas: [1.2, 0.5] }), /rprop: etas must be below and above 1/],
  [() => rprop(some(), { stepSizes: [1, 0.1] }), /rprop: stepSizes must be in order/],
  [() => ftrl(some(), { lr: 0 }), /ftrl: lr must be greater than 0/],
  [() => ftrl(some(), { lrPower: 0.5 }), /ftrl: lrPower must be at most 0/],
  [() => adan(some(), { betas: [0.9, 0.9] as never }), /adan: betas must be 3 numbers/],
  [() => adafactor(some(), { eps: [-1, 1e-3] }), /adafactor: eps must be two numbers/],
  [() => lion(some(), { betas: [0.9, 1] }), /lion: betas.*less than 1/],
  [() => muon(some(), { nsSteps: 0 }), /muon: nsSteps.*at least 1/],
  [() => muon(some()), /muon: a parameter of shape \[2\] is no matrix.*adamw: combineOptimizers/],
])('options out of range are errors: %s', (make, message) => {
  expect(make).toThrow(message);
});
