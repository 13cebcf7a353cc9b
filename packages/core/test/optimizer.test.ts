import { referenceBackend, useBackend } from '@kindling/testkit';
import { beforeAll, describe, expect, it } from 'vitest';
import {
  boolean,
  compile,
  defineOptimizer,
  type GradientOptimizer,
  type Parameter,
  parameter,
  programStatistics,
  type Tensor,
  tensor,
  tuple,
  number,
  zerosLike,
} from '../src/index.js';

beforeAll(useBackend(referenceBackend));

const momentum = defineOptimizer({
  name: 'heavyBall',
  options: {
    lr: number({ default: 0.1, minimum: 0 }),
    momentum: number({ default: 0.5, minimum: 0, exclusiveMaximum: 1 }),
    nesterov: boolean({ default: false }),
    range: tuple({ default: [-10, 10] }),
  },
  check: ({ nesterov, momentum }) => (nesterov && momentum === 0 ? 'nesterov needs a momentum' : undefined),
  init: (p) => ({ velocity: zerosLike(p) }),
  scalars: ({ lr, momentum }, step) => ({ lr: lr / step, momentum }),
  update: ({ parameter, gradient, state, scalars, options }) => {
    const velocity = state.velocity.mul(scalars.momentum).add(gradient);
    const direction = options.nesterov ? gradient.add(velocity.mul(scalars.momentum)) : velocity;
    return { parameter: parameter.sub(direction.mul(scalars.lr)), state: { velocity } };
  },
});

/** The same by hand. */
function byHand(start: number, gradients: number[], lr: (step: number) => number = () => 0.1, m = 0.5): number {
  let [x, v] = [start, 0];
  gradients.forEach((g, i) => {
    v = Math.fround(v * m + g);
    x = Math.fround(x - Math.fround(v * Math.fround(lr(i + 1) / (i + 1))));
  });
  return x;
}
const values = (ps: Iterable<Parameter>): number[] => [...ps].map((p) => p.itemSync());
const params = (...xs: number[]): Parameter[] => xs.map((x) => parameter(tensor(x)));
function give(ps: readonly Parameter[], x: number): void {
  for (const p of ps) p.grad = tensor(x, { dtype: p.dtype });
}
function run(optimizer: GradientOptimizer, ps: readonly Parameter[], gradients: number[]): void {
  for (const g of gradients) {
    give(ps, g);
    optimizer.step();
  }
}

describe('an optimizer', () => {
  it('steps', () => {
    const [p] = params(1) as [Parameter];
    const optimizer = momentum([p]);
    run(optimizer, [p], [1, 2, -1]);
    expect(values([p])).toEqual([expect.closeTo(byHand(1, [1, 2, -1]), 6)]);
    expect(optimizer.optimizerName).toBe('heavyBall');
  });
  it('takes parameters from any iterable', () => {
    const optimizer = momentum(new Set(params(1, 2)));
    expect(optimizer.groups).toMatchObject([{ lr: 0.1, momentum: 0.5, nesterov: false, maximize: false }]);
    expect(optimizer.groups[0].params.length).toBe(2);
  });
  it('goes the other way to maximize', () => {
    const ps = params(1, 1);
    const [up, down] = [momentum([ps[0]], { maximize: true }), momentum([ps[1]])];
    run(up, ps, [1]);
    run(down, ps, [-1]);
    expect(values([ps[0]])).toEqual([1.1].map(Math.fround));
    expect(values([ps[1]])).toEqual([1.1].map(Math.fround));
  });
  it('leaves alone what is frozen or has no gradient', () => {
    const ps = params(1, 1, 1);
    const optimizer = momentum(ps);
    give(ps, 1);
    ps[0].requiresGrad = false;
    ps[1].grad = undefined;
    optimizer.step();
    expect(values(ps)).toEqual([1, 1, Math.fround(0.9)]);
    expect(Object.keys(optimizer.stateDict()).filter((k) => k.startsWith('state'))).toEqual(['state.2.step', 'state.2.velocity']); // prettier-ignore
  });
  it('counts the steps of each parameter', () => {
    const ps = params(1, 1);
    const optimizer = momentum(ps);
    run(optimizer, [ps[0]], [1, 1]);
    give(ps, 1);
    optimizer.step();
    expect(values(ps)).toEqual([expect.closeTo(byHand(1, [1, 1, 1]), 6), expect.closeTo(byHand(1, [1]), 6)]);
  });
  it('updates tied parameters once', () => {
    const [p] = params(1) as [Parameter];
    const optimizer = momentum([p, p]);
    expect(optimizer.groups[0].params).toEqual([p]);
    run(optimizer, [p], [1]);
    expect(values([p])).toEqual([Math.fround(0.9)]);
    expect(() => momentum([{ params: [p] }, { params: [p] }])).toThrow(
      'heavyBall: a parameter (float32 []) is in two groups',
    );
  });
  it('forgets gradients', () => {
    const ps = params(1, 1);
    const optimizer = momentum(ps);
    give(ps, 1);
    optimizer.zeroGrad();
    expect(ps.map((p) => p.grad)).toEqual([undefined, undefined]);
    optimizer.step();
    expect(values(ps)).toEqual([1, 1]);
  });
  it('works in float64', () => {
    const p = parameter(tensor(Float64Array.of(1)));
    const optimizer = momentum([p]);
    p.grad = tensor(Float64Array.of(1));
    optimizer.step();
    expect(p.dataSync()).toEqual(Float64Array.of(1 - 0.1));
  });
  it('needs a gradient and state that update returns', () => {
    const forgetful = defineOptimizer({
      name: 'forgetful',
      options: { lr: number({ default: 1 }) },
      init: (p) => ({ memory: zerosLike(p) }),
      scalars: () => ({}),
      update: ({ parameter }) => ({ parameter, state: {} as { memory: Tensor } }),
    });
    const ps = params(1);
    give(ps, 1);
    expect(() => {
      forgetful(ps).step();
    }).toThrow("forgetful: update returned no 'memory' in its state");
  });
});

describe('groups', () => {
  it('have options of their own', () => {
    const ps = params(1, 1);
    const optimizer = momentum([{ params: [ps[0]], lr: 1 }, { params: [ps[1]] }], { lr: 0.5 });
    run(optimizer, ps, [1]);
    expect(values(ps)).toEqual([0, 0.5]);
  });
  it('may be changed at any time', () => {
    const ps = params(1);
    const optimizer = momentum(ps, { momentum: 0 });
    run(optimizer, ps, [1]);
    optimizer.groups[0].lr = 0;
    run(optimizer, ps, [1]);
    expect(values(ps)).toEqual([Math.fround(0.9)]);
    optimizer.groups[0]['nesterov'] = true;
    optimizer.groups[0]['momentum'] = 0.5;
    optimizer.groups[0].lr = 3;
    run(optimizer, ps, [1]);
    // v = 0.5·1 + 1, and the direction 1 + 0.5·v at a rate of 3 / 3
    expect(values(ps)).toEqual([expect.closeTo(0.9 - 1.75, 6)]);
  });
  it('say what is wrong', () => {
    const [p] = params(1) as [Parameter];
    expect(() => momentum([p], { lr: -1 })).toThrow('heavyBall: lr must be at least 0, got -1');
    expect(() => momentum([{ params: [p], momentum: 1 }])).toThrow('heavyBall: momentum must be at least 0 and less');
    expect(() => momentum([p], { nesterov: true, momentum: 0 })).toThrow('heavyBall: nesterov needs a momentum');
    // @ts-expect-error an option that does not exist
    expect(() => momentum([p], { learningRate: 1 })).toThrow("heavyBall: there is no option 'learningRate'");
    expect(() => momentum([])).toThrow('heavyBall: there is no parameter to optimize; give model.parameters()');
    expect(() => momentum([p, { params: [] }] as never)).toThrow(
      'give either parameters or groups { params, … }, not both',
    );
    expect(() => momentum([{ params: [tensor(1) as never] }])).toThrow('is not a parameter; make one with parameter');
  });
});

describe('programs', () => {
  it('are not prepared anew when the learning rate changes, even to 0 or 1', () => {
    const ps = params(1, 2);
    const optimizer = momentum(ps, { momentum: 0.9 });
    run(optimizer, ps, [1, 1]);
    const { prepared } = programStatistics();
    for (const lr of [0.3, 0, 1, -0, 1e-12]) {
      optimizer.groups[0].lr = lr;
      optimizer.groups[0]['momentum'] = lr;
      run(optimizer, ps, [1]);
    }
    expect(programStatistics().prepared).toBe(prepared);
  });
  it('of a compiled step are as those of a step that is not', () => {
    const [eager, compiled] = [params(1, 2), params(1, 2)];
    const gradients = [1, 2, -3, 0.5, 0.25];
    const [a, b] = [momentum(eager), momentum(compiled)];
    const step = compile((g: Tensor) => {
      b.zeroGrad();
      for (const p of compiled) p.grad = g;
      b.step();
      return compiled[0].add(compiled[1]);
    });
    gradients.forEach((g, i) => {
      a.groups[0].lr = b.groups[0].lr = 0.1 * i;
      run(a, eager, [g]);
      step(tensor(g));
    });
    expect(values(compiled)).toEqual(values(eager));
    expect(compiled[0].grad!.itemSync()).toBe(0.25);
  });
  it('of a compiled step are own to each parameter, which may miss some', () => {
    const compiled = params(1, 2);
    const [p, q] = compiled;
    const optimizer = momentum(compiled);
    const step = compile((g: Tensor, both: boolean) => {
      optimizer.zeroGrad();
      p.grad = g;
      if (both) q.grad = g;
      optimizer.step();
      return g;
    });
    const both = [true, false, true, true, false, false, true];
    for (const b of both) step(tensor(1), b);
    expect(p.itemSync()).toBe(byHand(1, [1, 1, 1, 1, 1, 1, 1]));
    expect(q.itemSync()).toBe(byHand(2, [1, 1, 1, 1]));
    // also after loading, which makes all counts anew
    optimizer.loadStateDict(optimizer.stateDict());
    for (const b of [true, false, true]) step(tensor(1), b);
    expect(p.itemSync()).toBe(byHand(1, new Array<number>(10).fill(1)));
    expect(q.itemSync()).toBe(byHand(2, new Array<number>(6).fill(1)));
  });
  it('of several compiled steps in one, too', () => {
    const [eager, compiled] = [params(1), params(1)];
    const [a, b] = [momentum(eager), momentum(compiled)];
    const twice = compile((g: Tensor) => {
      for (let i = 0; i < 2; i++) {
        expect(compiled[0].mul(1).requiresGrad).toBe(true);
        compiled[0].grad = g;
        b.step();
      }
    });
    twice(tensor(1));
    twice(tensor(1));
    run(a, eager, [1, 1, 1, 1]);
    expect(values(compiled)).toEqual(values(eager));
  });
});

describe('the state', () => {
  it('is saved and continued exactly', () => {
    const [whole, parts] = [params(1, -2), params(1, -2)];
    run(momentum(whole, { lr: 0.3 }), whole, [1, 2, 3, 4]);
    const first = momentum(parts, { lr: 0.3 });
    run(first, parts, [1, 2]);
    const second = momentum(parts);
    second.loadStateDict(first.stateDict());
    run(second, parts, [3, 4]);
    expect(values(parts)).toEqual(values(whole));
    expect(second.groups[0].lr).toBe(0.3);
  });
  it('is a snapshot once it is loaded', () => {
    const ps = params(1);
    const [a, b] = [momentum(ps), momentum(ps)];
    run(a, ps, [1]);
    b.loadStateDict(a.stateDict());
    run(a, ps, [100]);
    expect(b.stateDict()['state.0.velocity'].itemSync()).toBe(1);
  });
  it('has names that say what it is', () => {
    const ps = params(1, 2);
    const optimizer = momentum([{ params: [ps[0]] }, { params: [ps[1]], lr: 0.7 }]);
    run(optimizer, ps, [3]);
    const state = optimizer.stateDict();
    expect(Object.keys(state).sort()).toEqual(
      [0, 1]
        .flatMap((i) => [`groups.${i}.lr`, `groups.${i}.momentum`, `groups.${i}.range`])
        .concat(['state.0.step', 'state.0.velocity', 'state.1.step', 'state.1.velocity']),
    );
    expect(state['groups.1.lr'].itemSync()).toBe(0.7);
    expect(state['groups.0.range'].dataSync()).toEqual(Float64Array.of(-10, 10));
    expect(state['state.1.velocity'].itemSync()).toBe(3);
  });
  it('is checked before anything is changed', () => {
    const ps = params(1);
    const optimizer = momentum(ps);
    run(optimizer, ps, [1]);
    const good = optimizer.stateDict();
    const load = (changes: Record<string, Tensor | undefined>) => (): void => {
      optimizer.loadStateDict(
        Object.fromEntries(
          Object.entries({ ...good, 'groups.0.lr': tensor(9), ...changes }).filter(([, t]) => t !== undefined),
        ),
      );
    };
    expect(load({ 'state.0.velocity': undefined })).toThrow(
      "heavyBall.loadStateDict: 'state.0.velocity' is missing; the state was saved with other options",
    );
    expect(load({ 'state.0.velocity': tensor([1, 2]) })).toThrow('has shape [2], the parameter needs []; the groups differ'); // prettier-ignore
    expect(load({ 'state.1.velocity': tensor(1) })).toThrow("there is no place for 'state.1.velocity'; did you mean 'state.0.velocity'?"); // prettier-ignore
    expect(optimizer.groups[0].lr).toBe(0.1);
    expect(load({})).not.toThrow();
    expect(optimizer.groups[0].lr).toBe(9);
  });
  it('starts over where there is none in what is loaded', () => {
    const ps = params(1);
    const [fresh, used] = [momentum(ps), momentum(ps)];
    run(used, ps, [1]);
    used.loadStateDict(fresh.stateDict());
    expect(Object.keys(used.stateDict()).filter((k) => k.startsWith('state'))).toEqual([]);
  });
});

it('says which of its options would make it steadier than it is', () => {
  const shaky = defineOptimizer({
    name: 'shaky',
    options: { lr: number({ default: 1 }), careful: boolean({ default: false }), most: number({ default: 9 }) },
    steadier: { careful: true, most: 1 },
    init: () => ({}),
    scalars: ({ lr }) => ({ lr }),
    update: ({ parameter, gradient, scalars }) => ({ parameter: parameter.sub(gradient.mul(scalars.lr)), state: {} }),
  });
  expect(shaky(params(1)).steadier).toEqual({ careful: true, most: 1 });
  const optimizer = shaky(params(1), { careful: true });
  expect(optimizer.steadier).toEqual({ most: 1 });
  optimizer.groups[0]['most'] = 1;
  expect(optimizer.steadier).toEqual({});
  expect(momentum(params(1)).steadier).toEqual({});
});
