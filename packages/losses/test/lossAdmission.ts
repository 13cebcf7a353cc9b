import { gradcheck, valueAndGrad } from '@kindling/autograd';
import { compile, isFloat, type LossFactory, type Tensor } from '@kindling/core';

/** What a loss is tried with. */
export interface LossTrial {
  /** Inputs of a small batch, floats in float64, away from kinks. */
  readonly inputs: readonly Tensor[];
  /** Which inputs have a gradient. Default: all floats. */
  readonly differentiable?: readonly number[];
  /** Options for all checks. */
  readonly options?: Readonly<Record<string, unknown>>;
  /** Inputs of a batch of 0 samples; left out where there is no such thing. */
  readonly empty?: readonly Tensor[];
  /** Inputs as great as any may be, for which value and gradients must be finite. */
  readonly extreme?: readonly Tensor[];
  /** Whether 'mean' is the mean of what 'none' gives. Default true. */
  readonly plainMean?: boolean;
}

type AnyFactory = LossFactory<string, Record<never, never>, Tensor[], string>;

function fail(what: string): never {
  throw new Error(what);
}
function expectNear(actual: number, wanted: number, what: string): void {
  const same = Object.is(actual, wanted) || actual === wanted;
  if (!same && !(Math.abs(actual - wanted) <= 1e-9 * (1 + Math.abs(wanted))))
    fail(`${what}: ${actual} is not ${wanted}`);
}
const numbers = async (t: Tensor): Promise<number[]> => Array.from(await t.data());
const sum = (values: readonly number[]): number => values.reduce((a, b) => a + b, 0);

/**
 * The checks that every loss passes, by name; each throws where it does not. They need a default backend with float64, and
 * know of the loss only what anyone knows.
 */
export function lossAdmission(factory: LossFactory, trial: LossTrial): Record<string, () => Promise<void>> {
  const make = factory as unknown as AnyFactory;
  const { inputs, options = {}, plainMean = true } = trial;
  const positions = trial.differentiable ?? [...inputs.keys()].filter((i) => isFloat(inputs[i].dtype));
  /** The loss as a function of its differentiable inputs. */
  const of = (given: readonly Tensor[], reduction: string, more: object = {}) => {
    const loss = make({ ...options, ...more, reduction });
    return (...xs: Tensor[]): Tensor => {
      const all = [...given];
      positions.forEach((at, i) => (all[at] = xs[i]));
      return loss(...all);
    };
  };
  const chosen = (given: readonly Tensor[]): Tensor[] => positions.map((i) => given[i]);
  const value = (reduction: string, given = inputs, more: object = {}): Tensor =>
    of(given, reduction, more)(...chosen(given));

  return {
    'reductions agree': async () => {
      const each = await numbers(value('none'));
      expectNear(await value('sum').item(), sum(each), 'sum');
      const mean = await value('mean').item();
      if (plainMean) expectNear(mean, sum(each) / each.length, 'mean');
      else if (!Number.isFinite(mean)) fail(`mean: ${mean}`);
    },

    'weights of 1 change nothing, and weights multiply': async () => {
      if (!('weight' in make.schema.fields)) return;
      const one = make.schema.fields as Record<string, { kind: string }>;
      if (one['weight'].kind !== 'tensor') return;
      const classes = inputs[0].shape.at(inputs[0].shape.length === 1 ? 0 : Math.min(1, inputs[0].shape.length - 1))!;
      const weight = new Array<number>(classes).fill(1);
      expectNear(await value('sum', inputs, { weight }).item(), await value('sum').item(), 'weights of 1');
      const doubled = await value('sum', inputs, { weight: weight.map((w) => 2 * w) }).item();
      expectNear(doubled, 2 * (await value('sum').item()), 'weights of 2');
    },

    'an empty batch': async () => {
      const { empty } = trial;
      if (empty === undefined) return;
      const each = await numbers(value('none', empty));
      expectNear(await value('sum', empty).item(), sum(each), 'sum of nothing');
      const mean = await value('mean', empty).item();
      if (each.length === 0 && !Number.isNaN(mean) && mean !== 0) fail(`the mean of nothing is ${mean}`);
    },

    'extreme values are finite, and so are their gradients': async () => {
      const { extreme } = trial;
      if (extreme === undefined) return;
      const { value: v, grads } = valueAndGrad(of(extreme, 'sum'))(...chosen(extreme));
      for (const t of [v, ...grads]) for (const x of await numbers(t)) if (!Number.isFinite(x)) fail(`found ${x}`);
    },

    'its gradient is that of differences': async () => {
      await gradcheck(of(inputs, 'none'), chosen(inputs), { rtol: 1e-5 });
    },

    'compiled, it is what it is': async () => {
      const both = (...xs: Tensor[]): readonly Tensor[] => {
        const { value: v, grads } = valueAndGrad(of(inputs, 'mean'))(...xs);
        return [v, ...grads];
      };
      const compiled = compile(both);
      const eager = await Promise.all(both(...chosen(inputs)).map(numbers));
      for (let call = 0; call < 3; call++) {
        const now = await Promise.all(compiled(...chosen(inputs)).map(numbers));
        now.forEach((list, i) => list.forEach((x, j) => expectNear(x, eager[i][j], `result ${i}, call ${call}`)));
      }
    },

    'a small step against the gradient makes it less': async () => {
      const xs = chosen(inputs);
      const { value: before, grads } = valueAndGrad(of(inputs, 'sum'))(...xs);
      const first = grads[0];
      const size = (await numbers(first.mul(first).sum()))[0];
      if (size === 0) return;
      const moved = [xs[0].sub(first.mul(1e-6)), ...xs.slice(1)];
      const [a, b] = [await of(inputs, 'sum')(...moved).item(), await before.item()];
      if (!(a < b)) fail(`${b} became ${a}`);
    },

    'options are named, and wrong ones refused': () => {
      const wrong = (options: object): void => {
        let taken = true;
        try {
          make(options);
        } catch {
          taken = false;
        }
        if (taken) fail(`${JSON.stringify(options)} was taken`);
      };
      wrong({ reduction: 'average' });
      wrong({ thereIsNoSuchOption: 1 });
      for (const [name, field] of Object.entries(make.schema.fields))
        if (!(field as { description?: string }).description) fail(`${name} has no description`);
      return Promise.resolve();
    },
  };
}
