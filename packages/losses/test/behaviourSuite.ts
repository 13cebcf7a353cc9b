import { backward, gradcheck, valueAndGrad } from '@kindling/autograd';
import { type Backend, compile, parameter, programStatistics, tensor, type Tensor, zeros } from '@kindling/core';
import { useBackend } from '@kindling/testkit';
import { beforeAll, describe, expect, test } from 'vitest';
import {
  bceLoss,
  bceWithLogitsLoss,
  binaryCrossEntropy,
  binaryFocalCrossEntropy,
  categoricalCrossEntropy,
  categoricalFocalCrossEntropy,
  categoricalGeneralizedCrossEntropy,
  circle,
  crossEntropyLoss,
  huberLoss,
  l1Loss,
  mseLoss,
  multiLabelSoftMarginLoss,
  nllLoss,
  ntXent,
  smoothL1Loss,
  sparseCategoricalCrossEntropy,
  sparsemaxLoss,
} from '../src/index.js';

const logits = [
  [0.3, -1.2, 2.1],
  [1.4, 0.2, -0.7],
];
const labels = tensor(new Int32Array([2, 0]));

/** What the goldens do not say: other forms of targets, gradients by differences, programs, errors at reads. */
export function behaviourSuite(
  backendName: string,
  open: () => Promise<Backend>,
  { hasFloat64 = true }: { readonly hasFloat64?: boolean } = {},
): void {
  describe(`losses on ${backendName}`, () => {
    beforeAll(useBackend(open));
    const gradient = async (loss: (x: Tensor) => Tensor, x: Tensor): Promise<number[]> => {
      const p = parameter(x);
      backward(loss(p));
      return Array.from(await p.grad!.data());
    };

    test('class indices may be a plain array, any integers or bytes', async () => {
      const x = tensor(logits);
      const wanted = await crossEntropyLoss()(x, labels).item();
      for (const target of [tensor([2, 0]), tensor(new Uint32Array([2, 0])), labels.to('int32')])
        expect(await crossEntropyLoss()(x, target).item()).toBe(wanted);
      expect(await sparseCategoricalCrossEntropy({ fromLogits: true })(x, tensor([2, 0])).item()).toBeCloseTo(
        wanted,
        6,
      );
    });

    test('binary targets may be integers or booleans', async () => {
      const x = tensor([0.3, -1.2]);
      const wanted = await bceWithLogitsLoss()(x, tensor([1, 0])).item();
      expect(await bceWithLogitsLoss()(x, tensor([true, false])).item()).toBe(wanted);
      expect(await bceWithLogitsLoss()(x, tensor(new Int32Array([1, 0]))).item()).toBe(wanted);
      expect(await bceLoss()(tensor([0.3, 0.8]), tensor([false, true])).item()).toBeCloseTo(
        await bceLoss()(tensor([0.3, 0.8]), tensor([0, 1])).item(),
      );
    });

    test('the cross-entropies agree', async () => {
      const x = tensor(logits);
      const oneHot = tensor([
        [0, 0, 1],
        [1, 0, 0],
      ]);
      const wanted = await crossEntropyLoss()(x, labels).item();
      expect(await crossEntropyLoss()(x, oneHot).item()).toBeCloseTo(wanted, 6);
      expect(await categoricalCrossEntropy({ fromLogits: true })(x, oneHot).item()).toBeCloseTo(wanted, 6);
      expect(await categoricalCrossEntropy({ fromLogits: true })(x, labels).item()).toBeCloseTo(wanted, 6);
      const transposed = categoricalCrossEntropy({ fromLogits: true, axis: 0 })(x.transpose(), labels);
      expect(await transposed.item()).toBeCloseTo(wanted, 6);
    });

    test('a class index out of range is an error when the loss is read, and ignoreIndex is none', async () => {
      const x = tensor(logits);
      for (const wrong of [3, -1]) {
        const loss = crossEntropyLoss()(x, tensor(new Int32Array([0, wrong])));
        await expect(loss.item()).rejects.toThrow(/range/);
      }
      expect(await crossEntropyLoss({ ignoreIndex: 255 })(x, tensor(new Int32Array([2, 255]))).item()).toBeCloseTo(
        await crossEntropyLoss()(x.slice([0, 1]), tensor(new Int32Array([2]))).item(),
        6,
      );
    });

    test('gradients are finite where exp and log are not', async () => {
      const far = tensor([1e4, -1e4, 0, 1e4, -1e4, 0]);
      const zeroOne = tensor([0, 1, 0, 1, 0, 1]);
      const certain = tensor([0, 1, 0, 1, 0, 1]);
      const cases: [string, (x: Tensor) => Tensor, Tensor][] = [
        ['bceWithLogits', (x) => bceWithLogitsLoss()(x, zeroOne), far],
        ['bceWithLogits, posWeight', (x) => bceWithLogitsLoss({ posWeight: [3] })(x, zeroOne), far],
        ['bce', (x) => bceLoss()(x, tensor([1, 0, 0, 1, 0.5, 0.5])), certain],
        ['crossEntropy', (x) => crossEntropyLoss({ labelSmoothing: 0.1 })(x, tensor([0, 0])), far.reshape(2, 3)],
        ['huber', (x) => huberLoss()(x, zeroOne), far],
        ['smoothL1', (x) => smoothL1Loss({ beta: 0.1 })(x, zeroOne), far],
        ['focal', (x) => binaryFocalCrossEntropy({ fromLogits: true, gamma: 0.5 })(x, zeroOne), far],
        [
          'focal, dense',
          (x) => categoricalFocalCrossEntropy({ fromLogits: true, gamma: 0.5 })(x, tensor([0, 0])),
          far.reshape(2, 3),
        ],
        ['generalized', (x) => categoricalGeneralizedCrossEntropy()(x, tensor([1, 1])), tensor([[1, 0], [0, 1]])], // prettier-ignore
        ['keras', (x) => sparseCategoricalCrossEntropy()(x, tensor([0, 0])), tensor([[1, 0], [0, 1]])], // prettier-ignore
        ['keras, dense', (x) => categoricalCrossEntropy()(x, tensor([0, 0])), tensor([[1, 0], [0, 1]])], // prettier-ignore
      ];
      for (const [name, loss, x] of cases) {
        expect(Number.isFinite(await loss(x).item()), name).toBe(true);
        for (const g of await gradient(loss, x)) expect(Number.isFinite(g), name).toBe(true);
      }
    });

    test('the gradient of a binary cross-entropy at logit 0 is ½ − t', async () => {
      const loss = (x: Tensor): Tensor => bceWithLogitsLoss({ reduction: 'sum' })(x, tensor([0, 1, 0.25]));
      expect(await gradient(loss, tensor([0, 0, 0]))).toEqual([0.5, -0.5, 0.25]);
      // σ(0)·(1 − σ(0))
      const slope = (x: Tensor): Tensor => valueAndGrad(loss, { createGraph: true })(x).grads[0].sum();
      expect(await gradient(slope, tensor([0, 0, 0]))).toEqual([0.25, 0.25, 0.25]);
    });

    test('the gradient of the focal cross-entropy at logit 0 is (log ½ − ½)/4 for a positive label', async () => {
      const loss = (x: Tensor): Tensor =>
        binaryFocalCrossEntropy({ fromLogits: true, reduction: 'sum' })(x, tensor([1, 0]));
      const [positive, negative] = await gradient(loss, tensor([0, 0]));
      expect(positive).toBeCloseTo((Math.log(0.5) - 0.5) / 4, 6);
      expect(negative).toBeCloseTo(-positive, 6);
    });

    test('an empty batch of embeddings has a sum of 0', async () => {
      for (const loss of [ntXent({ reduction: 'sum' }), circle({ reduction: 'sum' })])
        expect(await loss(zeros([0, 3]), zeros([0], { dtype: 'int32' })).item()).toBe(0);
    });

    test('embeddings that point away from each other are apart by 2 / temperature, however low that is', async () => {
      // a partner on the other side, and a stranger as far off
      const x = tensor([[1, 0], [-1, 0], [-1, 0]]); // prettier-ignore
      const loss = (v: Tensor): Tensor => ntXent({ temperature: 0.01, reduction: 'none' })(v, tensor([0, 0, 1]));
      expect(Array.from(await loss(x).data(), (v) => Number(v.toFixed(3)))).toEqual([0.693, 200, 0]);
      for (const g of await gradient((v) => loss(v).sum(), x)) expect(Number.isFinite(g)).toBe(true);
    });

    test('a confident logit keeps its small loss and gradient', async () => {
      const loss = (x: Tensor): Tensor => bceWithLogitsLoss({ reduction: 'sum' })(x, tensor([1]));
      expect(await loss(tensor([40])).item()).toBeCloseTo(Math.exp(-40), 22);
      expect((await gradient(loss, tensor([40])))[0] / -Math.exp(-40)).toBeCloseTo(1, 5);
    });

    test('logits around 1000 lose no digits', async () => {
      const loss = await crossEntropyLoss()(tensor([[1000, 1000.5]]), tensor([0])).item();
      expect(loss).toBeCloseTo(Math.log(1 + Math.exp(0.5)), 6);
    });

    test.runIf(hasFloat64)('a float64 input goes with a plain array of targets', async () => {
      const x = tensor(Float64Array.of(0.3, 0.8));
      const [plain, exact] = [tensor([1, 0]), tensor(Float64Array.of(1, 0))];
      for (const loss of [
        bceLoss(),
        bceWithLogitsLoss(),
        binaryCrossEntropy({ labelSmoothing: 0.3 }),
        multiLabelSoftMarginLoss(),
        sparsemaxLoss(),
        mseLoss(),
      ]) {
        expect(await loss(x, plain).item(), loss.lossName).toBe(await loss(x, exact).item());
        expect(await gradient((v) => loss(v, plain), x), loss.lossName).toEqual(
          await gradient((v) => loss(v, exact), x),
        );
      }
    });

    describe.runIf(hasFloat64)('gradients equal differences, in float64', () => {
      const float64 = (values: number[], ...shape: number[]): Tensor => tensor(new Float64Array(values), { shape });
      const x = float64([0.3, -1.2, 2.1, 1.4, 0.2, -0.7], 2, 3);
      const t = float64([0.1, -0.4, 1.9, 4.4, 0.7, -0.2], 2, 3);
      const p = float64([0.3, 0.2, 0.5, 0.6, 0.1, 0.3], 2, 3);
      const q = float64([0.2, 0.2, 0.6, 0.1, 0.8, 0.1], 2, 3);
      const none = { reduction: 'none' } as const;
      const weight = [0.5, 2, 1];
      const cases: [string, (...inputs: Tensor[]) => Tensor, Tensor[]][] = [
        [
          'crossEntropyLoss, indices',
          (a) => crossEntropyLoss({ ...none, weight, labelSmoothing: 0.1 })(a, labels),
          [x],
        ],
        ['crossEntropyLoss, probabilities', (a, b) => crossEntropyLoss({ ...none, weight })(a, b), [x, q]],
        ['nllLoss', (a) => nllLoss({ weight })(a, labels), [x]],
        ['bceLoss', (a, b) => bceLoss({ ...none, weight })(a, b), [p, q]],
        ['bceWithLogitsLoss', (a, b) => bceWithLogitsLoss(none)(a, b), [x, q]],
        ['bceWithLogitsLoss, posWeight', (a, b) => bceWithLogitsLoss({ ...none, posWeight: weight })(a, b), [x, q]],
        ['sparseCategoricalCrossEntropy', (a) => sparseCategoricalCrossEntropy(none)(a, labels), [p]],
        ['categoricalCrossEntropy', (a, b) => categoricalCrossEntropy({ ...none, labelSmoothing: 0.1 })(a, b), [p, q]],
        ['mseLoss', (a, b) => mseLoss(none)(a, b), [x, t]],
        ['l1Loss', (a, b) => l1Loss(none)(a, b), [x, t]],
        ['smoothL1Loss', (a, b) => smoothL1Loss({ ...none, beta: 0.7 })(a, b), [x, t]],
        ['huberLoss', (a, b) => huberLoss({ ...none, delta: 0.7 })(a, b), [x, t]],
      ];
      for (const [name, loss, inputs] of cases)
        test(name, async () => {
          await gradcheck(loss, inputs);
          // and the gradients of gradients; the square makes every gradient depend on every input
          const squared = (...xs: Tensor[]): Tensor => {
            const values = loss(...xs);
            return values.mul(values).sum();
          };
          for (const i of inputs.keys())
            await gradcheck((...xs) => valueAndGrad(squared, { createGraph: true })(...xs).grads[i], inputs, {
              rtol: 1e-5,
              atol: 1e-6,
            });
        });
    });

    test('a compiled loss equals an eager one', async () => {
      const x = tensor(logits);
      const oneHot = tensor([0, 0, 1, 1, 0, 0], { shape: [2, 3] });
      for (const [loss, target] of [
        [crossEntropyLoss({ weight: [1, 2, 3], labelSmoothing: 0.1 }), labels],
        [bceWithLogitsLoss({ posWeight: [1, 2, 3] }), oneHot],
        [huberLoss({ delta: 0.7 }), oneHot],
      ] as const) {
        const compiled = compile((a: Tensor, b: Tensor) => loss(a, b));
        const eager = await loss(x, target).item();
        for (let call = 0; call < 3; call++) expect(await compiled(x, target).item()).toBe(eager);
      }
    });

    test('an option that is a number compiles nothing when it changes', async () => {
      const x = tensor(logits);
      const t = tensor([[0, 0, 1], [1, 0, 0]]); // prettier-ignore
      await huberLoss({ delta: 0.5 })(x, t).item();
      await crossEntropyLoss({ labelSmoothing: 0.1, ignoreIndex: -5 })(x, labels).item();
      const { prepared } = programStatistics();
      await huberLoss({ delta: 0.7 })(x, t).item();
      await crossEntropyLoss({ labelSmoothing: 0.3, ignoreIndex: -6 })(x, labels).item();
      expect(programStatistics().prepared).toBe(prepared);
    });
  });
}
