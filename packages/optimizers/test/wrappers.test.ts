import { backward } from '@kindling/autograd';
import {
  assign,
  compile,
  compileStep,
  type GradientOptimizer,
  type Parameter,
  parameter,
  programStatistics,
  tensor,
  type Tensor,
} from '@kindling/core';
import { cpu } from '@kindling/cpu-backend';
import { useBackend } from '@kindling/testkit';
import { beforeAll, describe, expect, test } from 'vitest';
import {
  adam,
  adamw,
  clipGradNorm,
  combineOptimizers,
  cosineAnnealingLR,
  ema,
  gradScaler,
  muon,
  sam,
  scheduleFreeSGD,
  sgd,
  skipNonFinite,
  swa,
} from '../src/index.js';

beforeAll(useBackend(cpu));

const given = (...values: number[]): Parameter => parameter(tensor(values));
const numbers = async (t: Tensor): Promise<number[]> => Array.from(await t.data());
const onDisk = async (state: Record<string, Tensor>): Promise<Record<string, Tensor>> =>
  Object.fromEntries(
    await Promise.all(
      Object.entries(state).map(async ([k, v]) => [k, tensor(await v.data(), { shape: v.shape })] as const),
    ),
  );

/** ½‖p − target‖² of a step, compiled or not. */
function stepper(p: Parameter, optimizer: GradientOptimizer, compiled: boolean) {
  const closure = (target: Tensor): Tensor => {
    optimizer.zeroGrad();
    const difference = p.sub(target);
    const loss = difference.mul(difference).sum().mul(0.5);
    backward(loss);
    return loss;
  };
  return compiled ? compileStep(optimizer, closure) : (t: Tensor) => optimizer.step(() => closure(t));
}

describe.each([true, false])('averages of weights, compiled: %s', (compiled) => {
  test("ema has the numbers of PyTorch's AveragedModel with get_ema_avg_fn", async () => {
    const p = given(1, -2);
    const optimizer = ema(sgd([p], { lr: 0.5 }), { decay: 0.9 });
    const step = stepper(p, optimizer, compiled);
    let [x, average] = [
      [1, -2],
      [NaN, NaN],
    ];
    for (let t = 0; t < 5; t++) {
      const target = [t, 3];
      await step(tensor(target));
      x = x.map((v, i) => v - 0.5 * (v - target[i]));
      average = t === 0 ? x : average.map((a, i) => 0.9 * a + 0.1 * x[i]);
    }
    const trained = await numbers(p);
    trained.forEach((v, i) => expect(v).toBeCloseTo(x[i], 5));
    optimizer.train(false);
    (await numbers(p)).forEach((v, i) => expect(v).toBeCloseTo(average[i], 5));
    expect(() => optimizer.step()).toThrow('call optimizer.train() before a step');
    optimizer.train();
    expect(await numbers(p)).toEqual(trained);
  });

  test('swa is the mean of the steps that count, and until then the weights', async () => {
    const p = given(0);
    const optimizer = swa(sgd([p], { lr: 1 }), { start: 3, every: 2 });
    const step = stepper(p, optimizer, compiled);
    const averages: number[] = [];
    for (const value of [1, 2, 4, 100, 8, 100, 9]) {
      await step(tensor([value])); // with lr 1 the parameter is then that value
      optimizer.train(false);
      averages.push((await numbers(p))[0]);
      optimizer.train();
    }
    const wanted = [1, 2, 4, 4, (4 + 8) / 2, 6, (4 + 8 + 9) / 3];
    averages.forEach((a, i) => expect(a).toBeCloseTo(wanted[i], 5));
  });

  test('an average around another continues exactly from its state, and compiles nothing', async () => {
    const make = (values: number[]) => {
      const p = given(...values);
      const optimizer = ema(adam([p], { lr: 0.1 }), { decay: 0.8, start: 2, every: 2 });
      return { p, optimizer, step: stepper(p, optimizer, compiled) };
    };
    const through = make([1, -2]);
    const targets = Array.from({ length: 12 }, (_, t) => tensor([t % 3, -t]));
    for (const target of targets.slice(0, 5)) await through.step(target);
    const { prepared } = programStatistics();
    const resumed = make(await numbers(through.p));
    resumed.optimizer.loadStateDict(await onDisk(through.optimizer.stateDict()));
    for (const target of targets.slice(5)) {
      await through.step(target);
      await resumed.step(target);
    }
    expect(programStatistics().prepared).toBe(prepared);
    expect(await numbers(resumed.p)).toEqual(await numbers(through.p));
    for (const o of [through.optimizer, resumed.optimizer]) o.train(false);
    expect(await numbers(resumed.p)).toEqual(await numbers(through.p));
  });

  test('skipNonFinite leaves parameters and state as they were', async () => {
    const [p, q] = [given(1, -2), given(1, -2)];
    const optimizer = skipNonFinite(sgd([p], { lr: 0.1, momentum: 0.9 }));
    const other = sgd([q], { lr: 0.1, momentum: 0.9 });
    const [step, same] = [stepper(p, optimizer, compiled), stepper(q, other, compiled)];
    const targets = [[1, 1], [2, 0], [NaN, 0], [0, 1], [Infinity, 1], [1, 2]]; // prettier-ignore
    for (const target of targets) {
      await step(tensor(target));
      if (target.every(Number.isFinite)) await same(tensor(target));
    }
    expect(await numbers(p)).toEqual(await numbers(q));
    expect(await numbers(optimizer.stateDict()['state.0.momentumBuffer'])).toEqual(
      await numbers(other.stateDict()['state.0.momentumBuffer']),
    );
  });

  test("gradScaler goes up and down as PyTorch's, and overflows change nothing", async () => {
    const p = given(1);
    const optimizer = sgd([p], { lr: 0.5 });
    const scaler = gradScaler({ initScale: 4, growthInterval: 2, growthFactor: 3, backoffFactor: 0.5 });
    const body = (factor: Tensor): Tensor => {
      optimizer.zeroGrad();
      const loss = p.mul(factor).sum();
      backward(scaler.scale(loss));
      scaler.step(optimizer);
      scaler.update();
      return loss;
    };
    const step = compiled ? compile(body) : body;
    const seen: number[][] = [];
    // the product with a scale of 4 or more overflows float32
    for (const factor of [1, 1, 1, 3e38, 1, 1]) {
      step(tensor([factor]));
      seen.push([(await numbers(p))[0], await scaler.scaleNow.item()]);
    }
    const { prepared } = programStatistics();
    step(tensor([1]));
    await p.data();
    expect(seen).toEqual([[0.5, 4], [0, 12], [-0.5, 12], [-0.5, 6], [-1, 6], [-1.5, 18]]); // prettier-ignore
    expect(programStatistics().prepared).toBe(prepared);
    const again = gradScaler();
    again.loadStateDict(await onDisk(scaler.stateDict()));
    expect(await again.scaleNow.item()).toBe(await scaler.scaleNow.item());
  });

  test('gradScaler: gradients may be clipped before the step, and overflows are seen all the same', async () => {
    const p = given(1, -1);
    const optimizer = sgd([p], { lr: 1 });
    const scaler = gradScaler({ initScale: 4 });
    const body = (factor: Tensor): void => {
      optimizer.zeroGrad();
      backward(scaler.scale(p.mul(factor).sum()));
      scaler.unscale(optimizer);
      clipGradNorm([p], 1);
      scaler.step(optimizer);
      scaler.update();
    };
    const step = compiled ? compile(body) : body;
    for (const factor of [[3, 4], [3e38, 0], [0, 2]]) step(tensor(factor)); // prettier-ignore
    // (1, −1) − (0.6, 0.8), nothing, − (0, 1)
    const [a, b] = await numbers(p);
    expect([a.toFixed(5), b.toFixed(5), await scaler.scaleNow.item()]).toEqual(['0.40000', '-2.80000', 2]);
  });

  test('gradScaler: the scale ends where float32 does', async () => {
    const p = given(1);
    const optimizer = sgd([p], { lr: 1 });
    const scaler = gradScaler({ initScale: 2 ** 126, growthInterval: 1 });
    const body = (factor: Tensor): void => {
      optimizer.zeroGrad();
      backward(scaler.scale(p.mul(factor).sum()));
      scaler.step(optimizer);
      scaler.update();
    };
    const step = compiled ? compile(body) : body;
    for (let t = 0; t < 3; t++) step(tensor([0.125]));
    expect(await scaler.scaleNow.item()).toBe(2 ** 127);
    expect(await numbers(p)).toEqual([1 - 3 * 0.125]);
  });
});

test('gradScaler: gradients that are unscaled twice are an error', () => {
  const p = given(1);
  const optimizer = sgd([p]);
  const scaler = gradScaler();
  backward(scaler.scale(p.sum()));
  scaler.unscale(optimizer);
  expect(() => {
    scaler.unscale(optimizer);
  }).toThrow(/gradScaler: the gradients of sgd were divided by the scale already/);
  scaler.step(optimizer);
  scaler.update();
});

describe('several optimizers over one model', () => {
  const build = () => {
    const [w, b] = [parameter(tensor([1, 2, 3, 4, 5, 6], { shape: [3, 2] })), given(1, -1, 0.5)];
    const optimizer = combineOptimizers(muon([w], { lr: 0.1 }), adamw([b], { lr: 0.01 }));
    const closure = (x: Tensor): Tensor => {
      optimizer.zeroGrad();
      const y = w.matmul(x).add(b);
      const loss = y.mul(y).sum();
      backward(loss);
      return loss;
    };
    return { w, b, optimizer, closure };
  };

  test('each steps as it would alone, with schedules, and a state that continues exactly', async () => {
    const one = build();
    const step = compileStep(one.optimizer, one.closure);
    const schedule = cosineAnnealingLR(one.optimizer, { tMax: 10 });
    const two = build();
    const alone = [muon([two.w], { lr: 0.1 }), adamw([two.b], { lr: 0.01 })] as const;
    const schedules = alone.map((o) => cosineAnnealingLR(o, { tMax: 10 }));
    const both = compile((x: Tensor) => {
      two.closure(x);
      for (const o of alone) o.step();
    });
    for (let t = 0; t < 4; t++) {
      await step(tensor([t, 1]));
      both(tensor([t, 1]));
      for (const s of [schedule, ...schedules]) s.step();
    }
    expect(one.optimizer.optimizerName).toBe('muon+adamw');
    expect(one.optimizer.groups.map((g) => g.lr)).toEqual(alone.map((o) => o.groups[0].lr));
    expect(await numbers(one.w)).toEqual(await numbers(two.w));
    expect(await numbers(one.b)).toEqual(await numbers(two.b));

    const three = build();
    assign(three.w, tensor(await one.w.data(), { shape: [3, 2] }));
    assign(three.b, tensor(await one.b.data()));
    three.optimizer.loadStateDict(await onDisk(one.optimizer.stateDict()));
    const resumed = compileStep(three.optimizer, three.closure);
    for (let t = 0; t < 4; t++) {
      await step(tensor([t, 1]));
      await resumed(tensor([t, 1]));
    }
    expect(await numbers(three.w)).toEqual(await numbers(one.w));
    expect(await numbers(three.b)).toEqual(await numbers(one.b));
  });

  test('wrappers go around it', async () => {
    const { w, optimizer, closure } = build();
    const around = ema(sam(optimizer, { rho: 0.1 }), { decay: 0.5 });
    expect(around.optimizerName).toBe('ema(sam(muon+adamw))');
    const step = compileStep(around, closure);
    await step(tensor([1, 1]));
    await step(tensor([1, 2]));
    const trained = await numbers(w);
    around.train(false);
    expect(await numbers(w)).not.toEqual(trained);
  });

  test('a parameter has one optimizer', () => {
    const p = given(1);
    expect(() => combineOptimizers(sgd([p]), adam([p]))).toThrow('belongs to sgd and to adam; give it to one');
    expect(() => combineOptimizers(sgd([p])).loadStateDict({ lr: tensor(1) })).toThrow("there is no place for 'lr'");
  });
});

test('sam around parameters is sam around sgd', async () => {
  const [p, q] = [given(1, -2), given(1, -2)];
  const [one, two] = [sam([p], { lr: 0.1, momentum: 0.9, rho: 0.5 }), sam(sgd([q], { lr: 0.1, momentum: 0.9 }), { rho: 0.5 })]; // prettier-ignore
  for (const [x, o] of [
    [p, one],
    [q, two],
  ] as const)
    // prettier-ignore
    for (let t = 0; t < 3; t++)
      o.step(() => {
        o.zeroGrad();
        const loss = x.pow(4).sum();
        backward(loss);
        return loss;
      });
  expect(await numbers(p)).toEqual(await numbers(q));
  expect(() => (one as unknown as GradientOptimizer).step()).toThrow('a step needs gradients at several points');
});

test('a schedule-free optimizer within an average', async () => {
  const p = given(1, -2);
  const optimizer = ema(scheduleFreeSGD([p], { lr: 0.5 }), { decay: 0.5 });
  const step = stepper(p, optimizer, true);
  for (let t = 0; t < 3; t++) await step(tensor([0, 0]));
  const trained = await numbers(p);
  optimizer.train(false);
  await p.data();
  optimizer.train();
  expect(await numbers(p)).toEqual(trained);
});
