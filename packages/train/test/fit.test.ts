import { backward } from '@kindling/autograd';
import { type Loss, manualSeed, noGrad, type Optimizer, parameter, relu, type Schedule, type Tensor, tensor, zeros } from '@kindling/core'; // prettier-ignore
import { fromArrays } from '@kindling/data';
import { bceLoss, bceWithLogitsLoss, categoricalCrossEntropy, crossEntropyLoss, mseLoss } from '@kindling/losses';
import { accuracy, rmse } from '@kindling/metrics';
import { activation, batchNorm1d, dropout, linear, mlp, Module, sequential } from '@kindling/nn';
import {
  adam,
  exponentialLR,
  lbfgs,
  linearLR,
  reduceLROnPlateau,
  sequentialLR,
  sgd,
  stepLR,
} from '@kindling/optimizers';
import { beforeEach, describe, expect, test } from 'vitest';
import { type Epoch, evaluate, fit } from '../src/index.js';
import { greater, line, memoryStore, start } from './common.js';

beforeEach(() => {
  start();
});

const classifier = (): Module => mlp(2, 2, { hidden: [8] });

describe('fit', () => {
  test('learns, and reports each epoch', async () => {
    const model = classifier();
    const seen: Epoch[] = [];
    const run = await fit(model, greater(), {
      loss: crossEntropyLoss(),
      optimizer: adam(model.parameters(), { lr: 0.05 }),
      epochs: 15,
      batchSize: 16,
      validation: greater(40, 500),
      metrics: { accuracy },
      onEpoch: (e) => void seen.push(e),
    });
    expect(run.stopped).toBe('finished');
    expect(seen).toEqual(run.epochs);
    expect(run.epochs.map((e) => e.step)).toEqual(Array.from({ length: 15 }, (_, i) => 4 * (i + 1)));
    expect(run.epochs.at(-1)!.loss).toBeLessThan(run.epochs[0].loss / 2);
    expect(run.epochs.at(-1)!.metrics['accuracy']).toBeGreaterThan(0.9);
    expect(Math.min(...run.epochs.map((e) => e.validationLoss!))).toBe(run.best.validationLoss);
    expect(model.training).toBe(false);
  });

  test('does what a loop by hand does', async () => {
    const data = line(20);
    const make = (): { model: Module; optimizer: ReturnType<typeof adam> } => {
      manualSeed(4);
      const model = sequential(linear(2, 4), relu, linear(4, 1));
      return { model, optimizer: adam(model.parameters(), { lr: 0.02 }) };
    };
    const a = make();
    const run = await fit(a.model, data, { loss: mseLoss(), optimizer: a.optimizer, epochs: 3, batchSize: 8, seed: 7 });
    const b = make();
    const loss = mseLoss();
    for (let epoch = 0; epoch < 3; epoch++) {
      let [sum, rows] = [0, 0];
      for (const { input, target } of data.batches({ size: 8, seed: 7, epoch })) {
        b.optimizer.zeroGrad();
        const value = loss(b.model.forward(input), target);
        backward(value);
        b.optimizer.step();
        sum += (await value.item()) * input.shape[0]; // weighted: the last batch is smaller
        rows += input.shape[0];
      }
      expect(run.epochs[epoch].loss).toBeCloseTo(sum / rows, 6);
    }
    const [x, y] = [a.model.parameters(), b.model.parameters()];
    for (const [i, p] of x.entries()) expect(await p.data()).toEqual(await y[i].data());
  });

  test('gives each loss its form of targets', async () => {
    const cases: [Loss, Module][] = [
      [bceWithLogitsLoss(), mlp(2, 1)],
      [bceLoss(), sequential(linear(2, 1), activation('sigmoid'))],
      [categoricalCrossEntropy({ fromLogits: true }), mlp(2, 2)],
      [(output, target) => output.sub(target).abs().mean(), mlp(2, 1)],
    ];
    for (const [loss, model] of cases) {
      const run = await fit(model, greater(), {
        loss,
        optimizer: adam(model.parameters(), { lr: 0.05 }),
        epochs: 4,
        batchSize: 20,
      });
      expect(run.epochs[3].loss).toBeLessThan(run.epochs[0].loss);
    }
    // only one-hot targets will do
    const oneHotOnly: Loss = (output, target) => {
      if (target.shape[1] !== 2) throw new Error('one-hot targets only');
      return output.sub(target).pow(2).mean();
    };
    const model = mlp(2, 2);
    await fit(model, greater(), { loss: oneHotOnly, optimizer: sgd(model.parameters()), epochs: 1, batchSize: 20 });
  });

  test('a loss that fits no form of target says why', async () => {
    const model = mlp(2, 3);
    const options = { loss: mseLoss() as Loss, optimizer: sgd(model.parameters()), epochs: 1, batchSize: 20 };
    await expect(fit(model, line(), options)).rejects.toThrow(/mseLoss: the input has shape \[2, 3\]/);
    const none = { ...options, loss: crossEntropyLoss({ reduction: 'none' }) as Loss };
    await expect(fit(model, greater(), none)).rejects.toThrow(/gives shape \[2\], but a step needs one number/);
  });

  test("an epoch's loss is the mean over rows for reduction 'sum', too", async () => {
    const losses: number[] = [];
    for (const reduction of ['mean', 'sum'] as const) {
      manualSeed(0);
      const model = mlp(2, 1);
      const run = await fit(model, line(), {
        loss: mseLoss({ reduction }),
        optimizer: sgd(model.parameters(), { lr: 1e-12 }),
        epochs: 1,
        batchSize: 16,
        validation: line(30),
      });
      losses.push(run.epochs[0].loss, run.epochs[0].validationLoss!);
    }
    expect(losses[0]).toBeCloseTo(losses[2], 5);
    expect(losses[1]).toBeCloseTo(losses[3], 5);
  });

  test('a schedule sets the learning rate of each step and group', async () => {
    const model = mlp(2, 1);
    const [weight, bias] = model.parameters();
    const optimizer = sgd([{ params: [weight], lr: 0.1 }, { params: [bias], lr: 0.2 }]); // prettier-ignore
    const asked: unknown[] = [];
    const run = await fit(model, line(20), {
      loss: mseLoss(),
      optimizer,
      epochs: 2,
      batchSize: 10,
      schedule: (state) => {
        asked.push(state);
        return (state.lr * (state.steps - state.step)) / state.steps;
      },
    });
    expect(asked[0]).toEqual({ step: 0, epoch: 0, steps: 4, lr: 0.1, group: 0 });
    expect(asked).toHaveLength(8);
    expect(run.epochs[1].lr[1]).toBeCloseTo(0.05);
    const bad = { loss: mseLoss(), optimizer, epochs: 1, batchSize: 10, schedule: () => NaN };
    await expect(fit(model, line(20), bad)).rejects.toThrow(/the schedule gave the learning rate NaN at step 0/);
  });

  test('a schedule of the optimizer is stepped after each epoch or step, as its interval says', async () => {
    const model = mlp(2, 1);
    const run = async (schedule: (o: Optimizer) => Schedule): Promise<number[]> => {
      const optimizer = sgd(model.parameters(), { lr: 0.1, momentum: 0.9 });
      const options = { loss: mseLoss(), optimizer, epochs: 4, batchSize: 10, validation: line(10) };
      const { epochs } = await fit(model, line(20), { ...options, schedule: schedule(optimizer) });
      return [...epochs.map((e) => e.lr[0]), optimizer.groups[0].lr];
    };
    const near = (wanted: number[]) => wanted.map((x) => expect.closeTo(x, 12) as number);
    expect(await run((o) => exponentialLR(o, { gamma: 0.5 }))).toEqual(near([0.1, 0.05, 0.025, 0.0125, 0.00625]));
    expect(await run((o) => exponentialLR(o, { gamma: 0.5, interval: 'step' }))).toEqual(
      near([0.025, 0.00625, 0.1 / 64, 0.1 / 256, 0.1 / 256]),
    );
    const warm = (o: Optimizer): Schedule =>
      sequentialLR(o, { schedules: [linearLR(o, { startFactor: 0.5, totalIters: 2 }), stepLR(o, { stepSize: 1 })], milestones: [2] }); // prettier-ignore
    expect(await run(warm)).toEqual(near([0.05, 0.075, 0.1, 0.01, 0.001]));
    // after the first, nothing is an improvement by 99.9 %
    expect(await run((o) => reduceLROnPlateau(o, { patience: 0, threshold: 0.999, factor: 0.5 }))).toEqual(near([0.1, 0.1, 0.05, 0.025, 0.0125])); // prettier-ignore
  });

  test('a schedule that watches a number gets the monitored one, and must want it to move the right way', async () => {
    const model = classifier();
    const optimizer = adam(model.parameters(), { lr: 0.05 });
    const common = { loss: crossEntropyLoss(), optimizer, epochs: 3, batchSize: 16, validation: greater(40, 500), metrics: { accuracy } }; // prettier-ignore
    const watched: number[] = [];
    const schedule = reduceLROnPlateau(optimizer, { mode: 'max' });
    const step = schedule.step.bind(schedule);
    schedule.step = (value) => {
      watched.push(value);
      step(value);
    };
    const { epochs } = await fit(model, greater(), { ...common, monitor: 'accuracy', schedule });
    expect(watched).toEqual(epochs.map((e) => e.metrics['accuracy']));
    await expect(fit(model, greater(), { ...common, schedule })).rejects.toThrow(
      "fit: reduceLROnPlateau waits for a number that should rise, but of 'loss' less is better; give it mode 'min'",
    );
  });

  test('clipNorm limits the norm of all gradients together', async () => {
    const model = mlp(2, 1);
    const before = await Promise.all(model.parameters().map((p) => p.data()));
    const optimizer = sgd(model.parameters(), { lr: 1 });
    await fit(model, line(20), { loss: mseLoss(), optimizer, epochs: 1, batchSize: 20, clipNorm: 0.01 });
    let square = 0;
    for (const [i, p] of model.parameters().entries())
      (await p.data()).forEach((x, j) => (square += (x - before[i][j]) ** 2));
    expect(Math.sqrt(square)).toBeCloseTo(0.01, 5);
  });

  test('leaves frozen parameters alone', async () => {
    const model = sequential(linear(2, 4).requiresGrad(false), relu, linear(4, 2));
    const before = await model.parameters()[0].data();
    const optimizer = adam(model.parameters());
    await fit(model, greater(), { loss: crossEntropyLoss(), optimizer, epochs: 2, batchSize: 30 });
    expect(await model.parameters()[0].data()).toEqual(before);
  });

  test('trains anything with forward, parameters and train', async () => {
    const w = parameter(zeros([2, 1]));
    const modes: unknown[] = [];
    const model = {
      forward: (x: Tensor) => x.matmul(w),
      parameters: () => [w],
      train: (on?: boolean) => void modes.push(on),
    };
    const options = { loss: mseLoss(), optimizer: adam([w], { lr: 0.1 }), epochs: 30, batchSize: 20 };
    const run = await fit(model, line(), options);
    expect(run.best.loss).toBeLessThan(0.01);
    expect(modes.at(-1)).toBe(false);
  });

  test('options that make no sense are errors', async () => {
    const model = classifier();
    const good = { loss: crossEntropyLoss(), optimizer: adam(model.parameters()), epochs: 1, batchSize: 8 };
    const bad: [object, RegExp][] = [
      [{ loss: undefined as never }, /loss must be one that was made, such as mseLoss\(\), got undefined/],
      [{ loss: mseLoss as never }, /loss must be .* got the factory mseLoss: call it/],
      [
        { optimizer: sgd as never },
        /optimizer must be .* such as adam\(model.parameters\(\)\), got the factory sgd: call it/,
      ],
      [
        { optimizer: sgd(classifier().parameters(), { lr: 0.1 }) },
        /no parameter of the model.* sgd\(model.parameters\(\)\)/,
      ],
      [{ epochs: 0 }, /epochs must be a whole number of at least 1, got 0/],
      [{ batchSize: 2.5 }, /batchSize must be a whole number/],
      [{ clipNorm: 0 }, /clipNorm must be greater than 0/],
      [
        { monitor: 'accurcy', metrics: { accuracy }, validation: greater() },
        /not among metrics; did you mean 'accuracy'/,
      ],
      [{ monitor: 'accuracy', metrics: { accuracy } }, /needs validation data/],
      [{ earlyStopping: { patience: 0 } }, /patience must be/],
      [{ resume: true }, /resume needs checkpoint/],
      [{ checkpoint: {} }, /needs a folder or a store/],
      [{ batchSize: 100, dropLast: true }, /leaves nothing of 60 rows/],
    ];
    for (const [options, message] of bad)
      await expect(fit(model, greater(), { ...good, ...options })).rejects.toThrow(message);
  });
});

describe('early stopping', () => {
  test('stops without improvement and restores the best parameters', async () => {
    const model = classifier();
    const validation = greater(30, 500);
    const loss = crossEntropyLoss();
    const run = await fit(model, greater(), {
      loss,
      optimizer: sgd(model.parameters(), { lr: 3, momentum: 0.9 }),
      epochs: 60,
      batchSize: 10,
      validation,
      earlyStopping: { patience: 3 },
    });
    expect(run.stopped).toBe('early');
    expect(run.epochs.length).toBe(run.best.epoch + 3);
    expect((await evaluate(model, validation, { metrics: {}, loss })).loss).toBeCloseTo(run.best.validationLoss!, 6);
  });

  test('can keep the last parameters, wants minDelta, and watches a metric', async () => {
    const model = classifier();
    const validation = greater(30, 500);
    const run = await fit(model, greater(), {
      loss: crossEntropyLoss(),
      optimizer: adam(model.parameters(), { lr: 0.01 }),
      epochs: 40,
      batchSize: 10,
      validation,
      metrics: { accuracy },
      monitor: 'accuracy',
      earlyStopping: { patience: 4, restoreBest: false, minDelta: 0.5 },
    });
    expect(run.stopped).toBe('early');
    expect(run.best.epoch).toBeLessThan(run.epochs.length);
    const { accuracy: last } = await evaluate(model, validation, { metrics: { accuracy } });
    expect(last).toBeCloseTo(run.epochs.at(-1)!.metrics['accuracy'], 10);
  });
});

describe('abort', () => {
  test('stops at a step and leaves a consistent model', async () => {
    const model = classifier();
    const abort = new AbortController();
    const run = await fit(model, greater(), {
      loss: crossEntropyLoss(),
      optimizer: adam(model.parameters()),
      epochs: 100,
      batchSize: 10,
      signal: abort.signal,
      onStep: ({ step }) => {
        if (step === 9) abort.abort();
      },
    });
    expect(run.stopped).toBe('aborted');
    expect(run.epochs).toHaveLength(1);
    expect((await model.forward(zeros([1, 2])).data()).every(Number.isFinite)).toBe(true);
  });

  test('is heard from timers, and before the first step', async () => {
    const model = classifier();
    const options = { loss: crossEntropyLoss(), optimizer: adam(model.parameters()), epochs: 1e6, batchSize: 60 };
    const started = performance.now();
    const run = await fit(model, greater(), { ...options, signal: AbortSignal.timeout(60) });
    expect(run.stopped).toBe('aborted');
    expect(performance.now() - started).toBeLessThan(10_000);
    const none = await fit(model, greater(), { ...options, signal: AbortSignal.abort() });
    expect(none).toMatchObject({ stopped: 'aborted', epochs: [], best: { epoch: 1, step: 0 } });
  });
});

describe('numbers that are not finite', () => {
  /** log of a number that shrinks below 0 at some step. */
  class Fragile extends Module {
    readonly weight = parameter(tensor([1]));
    override forward(x: Tensor): Tensor {
      return x.mul(0).add(this.weight.log());
    }
  }
  const ones = fromArrays(new Float32Array(40).fill(1), new Float32Array(40), { shape: [-1, 1] });

  test('stop training, name step and operation, and keep what was good', async () => {
    const model = new Fragile();
    const store = memoryStore();
    const run = await fit(model, ones, {
      // the gradient of the mean of log w is 1/w: w falls by about 0.3 a step until log breaks
      loss: (output) => output.mean(),
      optimizer: sgd(model.parameters(), { lr: 0.3 }),
      epochs: 5,
      batchSize: 20,
      checkpoint: { store },
    });
    expect(run.stopped).toBe('nan');
    expect(run.problem!.step).toBe(4);
    expect(run.problem!.epoch).toBe(2);
    expect(run.problem!.message).toMatch(/step 4 \(epoch 2\): the loss became NaN in the operation 'log' of shape \[1\], computed from weight \[1\]/); // prettier-ignore
    expect(run.epochs).toHaveLength(1);
    const [kept] = await model.weight.data();
    expect(kept).toBeGreaterThan(0);
    // the checkpoint is of the end of epoch 1
    const again = new Fragile();
    const resumed = await fit(again, ones, {
      loss: (output) => output.mean(),
      optimizer: sgd(again.parameters(), { lr: 0.3 }),
      epochs: 1,
      batchSize: 20,
      checkpoint: { store },
      resume: true,
    });
    expect(resumed.epochs).toMatchObject([{ epoch: 1, step: 2, loss: run.epochs[0].loss }]);
    expect((await again.weight.data())[0]).toBe(kept);
  });

  test('in the data are found there', async () => {
    const data = greater();
    data.inputs[25] = NaN;
    const model = classifier();
    const optimizer = adam(model.parameters());
    const run = await fit(model, data, { loss: crossEntropyLoss(), optimizer, epochs: 3, batchSize: 10, seed: 1 });
    expect(run.stopped).toBe('nan');
    expect(run.problem!.message).toMatch(/the input of the batch holds a number that is not finite/);
  });

  test('in a gradient and in an update are told apart from the loss', async () => {
    const model = new Fragile();
    // sqrt has the gradient ∞ at 0
    const gradient = await fit(model, ones, {
      loss: (output) => output.sub(output.detach()).abs().sqrt().mean(),
      optimizer: sgd(model.parameters()),
      epochs: 1,
      batchSize: 20,
    });
    expect(gradient.problem!.message).toMatch(/step 1 \(epoch 1\): the gradient became (NaN|Infinity) in/);
    const update = await fit(model, ones, {
      loss: (output) => output.mean().mul(1e20),
      optimizer: sgd(model.parameters(), { lr: 1e30 }),
      epochs: 1,
      batchSize: 20,
    });
    expect(update.problem!.cause).toBe('step 1 (epoch 1): the update of sgd made a parameter that is not finite');
    expect(update.problem!.message).toMatch(/not finite\. A lower learning rate, .* may help$/);
    expect((await model.weight.data())[0]).toBe(1);
  });

  test('what the optimizer knows of itself is among what may help', async () => {
    const model = new Fragile();
    const options = { loss: (output: Tensor) => output.mean(), epochs: 5, batchSize: 40 };
    const run = async (more: object) =>
      fit(model, ones, { ...options, optimizer: lbfgs(model.parameters(), { lr: 3, ...more }) });
    expect((await run({})).problem!.message).toMatch(/may help; lbfgs is steadier with lineSearchFn: "strong_wolfe"$/);
  });

  test('with early stopping the best parameters come back', async () => {
    const model = mlp(2, 1);
    const run = await fit(model, line(), {
      loss: mseLoss(),
      optimizer: sgd(model.parameters(), { lr: 0.1 }),
      schedule: ({ epoch, lr }) => (epoch < 3 ? lr : 1e30),
      epochs: 20,
      batchSize: 20,
      earlyStopping: { patience: 20 },
      metrics: { rmse },
    });
    expect(run.stopped).toBe('nan');
    expect(run.best.epoch).toBe(3);
    expect(noGrad(() => model.parameters()).length).toBe(2);
    for (const p of model.parameters()) expect((await p.data()).every(Number.isFinite)).toBe(true);
  });
});

test('dropout and batch norm train through the compiled step', async () => {
  const model = sequential(linear(2, 8), batchNorm1d(8), relu, dropout(0.2), linear(8, 2));
  const run = await fit(model, greater(), {
    loss: crossEntropyLoss(),
    optimizer: adam(model.parameters(), { lr: 0.03 }),
    epochs: 10,
    batchSize: 20,
    validation: greater(40, 300),
    metrics: { accuracy },
  });
  expect(run.epochs.at(-1)!.metrics['accuracy']).toBeGreaterThan(0.8);
  const statistics = (model.layers[1] as ReturnType<typeof batchNorm1d>).runningMean!;
  expect((await statistics.data()).some((x) => x !== 0)).toBe(true);
});
