import { gradcheck, valueAndGrad } from '@kindling/autograd';
import {
  type Backend,
  compile,
  type DType,
  KindlingError,
  type LossFactory,
  neededInputs,
  type Plugin,
  programStatistics,
  tensor,
  type Tensor,
} from '@kindling/core';
import type { Case } from './conformance/context.js';
import { defaultLossTrial } from './lossTrial.js';
import { referenceBackend } from './referenceBackend.js';
import { replaceDefaultBackend } from './replaceDefaultBackend.js';

/** An input of a loss, in plain numbers: floats take the dtype under test. */
export interface TrialInput {
  readonly values: readonly number[];
  readonly shape: readonly number[];
  /** They are int32, such as class indices. */
  readonly integers?: true;
}

/** What a loss is tried with. */
export interface LossTrial {
  /** Inputs of a small batch, away from kinks. */
  readonly inputs: readonly TrialInput[];
  /** Which inputs have a gradient. Default: all floats. */
  readonly differentiable?: readonly number[];
  /** Options for all checks. */
  readonly options?: Readonly<Record<string, unknown>>;
  /** Inputs of a batch of 0 samples; left out where there is no such thing. */
  readonly empty?: readonly TrialInput[];
  /** Inputs as great as any may be, for which value and gradients must be finite. */
  readonly extreme?: readonly TrialInput[];
  /** How many classes a `weight` has. Default: as the first input has in dimension 1, or in its only one. */
  readonly classes?: number;
  /** Whether 'mean' is the mean of what 'none' gives. Default true. */
  readonly plainMean?: boolean;
}

export interface LossAdmissionOptions {
  /**
   * By the name of the loss. One of an input and a target that has none gets a trial by its `task` and `output`; one of more
   * tensors needs it.
   */
  readonly trials?: Readonly<Record<string, LossTrial>>;
  /** The floats that the backend has, the finest first. Default float64 and float32. */
  readonly dtypes?: readonly ('float64' | 'float32' | 'float16')[];
  /** How near results are to those of the reference in float64, as part of the greatest. Default 1e-9, 1e-5 and 1e-2. */
  readonly tolerance?: Partial<Record<DType, number>>;
}

type AnyFactory = LossFactory<string, Record<never, never>, Tensor[], string>;
type Check = () => Promise<void>;
/* eslint-disable-next-line @typescript-eslint/no-explicit-any -- a factory's options are invariant, and any will do */
type Registered = Plugin | LossFactory<string, any, any, any>;

const usual: Partial<Record<DType, number>> = { float64: 1e-9, float32: 1e-5, float16: 1e-2 };

/**
 * What every loss has to do right on a backend, as cases for any test runner:
 *
 *     for (const { name, run } of lossAdmission('mine', () => mine(), plugin)) it(name, run);
 *
 * Reductions, weights, an empty batch, extreme values, value and gradient against the float64 reference and against
 * differences, compiled and not, options. A loss is tried by being provided by the plugin. The backend is opened by the first
 * case that runs, and is for the caller to close; cases run one at a time, for they change the default backend.
 */
export function lossAdmission(
  name: string,
  openBackend: () => Promise<Backend>,
  registered: Registered,
  options: LossAdmissionOptions = {},
): Case[] {
  let opened: Promise<Backend> | undefined;
  const open = (): Promise<Backend> => (opened ??= openBackend());
  const factories = 'provides' in registered ? registered.provides.filter((p) => p.kind === 'loss') : [registered];
  return factories.flatMap((factory) => {
    const loss = factory as unknown as LossFactory;
    return Object.entries(checksOf(loss, open, options)).map(([check, run]) => ({
      name: `${name}: ${loss.lossName}: ${check}`,
      run,
    }));
  });
}

/** The checks of one loss, by name. */
function checksOf(
  factory: LossFactory,
  open: () => Promise<Backend>,
  { trials = {}, dtypes = ['float64', 'float32'], tolerance = {} }: LossAdmissionOptions,
): Record<string, Check> {
  const own = Object.hasOwn(trials, factory.lossName) ? trials[factory.lossName] : defaultLossTrial(factory);
  if (own === undefined)
    throw new KindlingError(
      `lossAdmission: ${factory.lossName} takes ${neededInputs(factory.inputs).join(', ')}; give it a trial: ` +
        `{ trials: { ${factory.lossName}: { inputs } } }`,
    );
  const subject = new Subject(factory as unknown as AnyFactory, own);
  const [finest] = dtypes;
  const near = (dtype: DType): number => tolerance[dtype] ?? usual[dtype] ?? 1e-5;
  const on = (body: (dtype: 'float64' | 'float32' | 'float16') => Promise<void>, dtype = finest): Check => async () =>
    withDefault(await open(), () => body(dtype)); // prettier-ignore

  const checks: Record<string, Check> = {
    'reductions agree': on(async (dtype) => {
      const each = await numbers(subject.value('none', dtype));
      expectNear([await subject.value('sum', dtype).item()], [sum(each)], near(dtype), 'sum');
      const mean = await subject.value('mean', dtype).item();
      if (own.plainMean !== false) expectNear([mean], [sum(each) / each.length], near(dtype), 'mean');
      else if (!Number.isFinite(mean)) fail(`the mean is ${mean}`);
    }),
    'an empty batch': on(async (dtype) => {
      if (own.empty === undefined) return;
      const each = await numbers(subject.value('none', dtype, own.empty));
      expectNear([await subject.value('sum', dtype, own.empty).item()], [sum(each)], 0, 'sum of nothing');
      const mean = await subject.value('mean', dtype, own.empty).item();
      if (each.length === 0 && !Number.isNaN(mean) && mean !== 0) fail(`the mean of nothing is ${mean}`);
    }),
    'its gradient is that of differences': async () => {
      // where there is no float64, differences tell nothing: the gradient is compared with this one below
      const backend = dtypes.includes('float64') ? await open() : referenceBackend();
      await withDefault(backend, async () => {
        await gradcheck(subject.of('none', 'float64'), subject.points('float64'), { rtol: 1e-5 });
      });
    },
    'compiled, it is what it is, and is compiled once': on(async (dtype) => {
      const both = (...xs: Tensor[]): readonly Tensor[] => {
        const { value, grads } = valueAndGrad(subject.of('mean', dtype))(...xs);
        return [value, ...grads];
      };
      const points = subject.points(dtype);
      const eager = await Promise.all(both(...points).map(numbers));
      const compiled = compile(both);
      let prepared = 0;
      for (let call = 0; call < 3; call++) {
        const now = await Promise.all(compiled(...points).map(numbers));
        now.forEach((list, i) => expectNear(list, eager[i], near(dtype), `result ${i} of call ${call + 1}`));
        // the second call of a compiled function is checked by a trace of its own
        if (call === 1) ({ prepared } = programStatistics());
      }
      if (programStatistics().prepared !== prepared) fail('a later call compiled something');
    }),
    'options are named, and wrong ones refused': () => {
      subject.refuses({ reduction: 'average' });
      subject.refuses({ thereIsNoSuchOption: 1 });
      for (const [name, field] of Object.entries(factory.schema.fields))
        if (!field.description) fail(`the option ${name} has no description`);
      return Promise.resolve();
    },
  };
  if (subject.weighsClasses)
    checks['weights of 1 change nothing, and weights multiply'] = on(async (dtype) => {
      const weight = new Array<number>(subject.classes).fill(1);
      const plain = await subject.value('sum', dtype).item();
      const [one, two] = [weight, weight.map((w) => 2 * w)];
      expectNear([await subject.value('sum', dtype, own.inputs, { weight: one }).item()], [plain], near(dtype), 'weights of 1'); // prettier-ignore
      expectNear([await subject.value('sum', dtype, own.inputs, { weight: two }).item()], [2 * plain], near(dtype), 'weights of 2'); // prettier-ignore
    });
  for (const dtype of dtypes) {
    checks[`value and gradients in ${dtype} are the reference's`] = on(async () => {
      const wanted = await withDefault(referenceBackend(), () => subject.results('float64'));
      const found = await subject.results(dtype);
      found.forEach((list, i) => expectNear(list, wanted[i], near(dtype), i === 0 ? 'value' : `gradient of input ${i}`)); // prettier-ignore
    }, dtype);
    checks[`extreme values are finite in ${dtype}, and so are their gradients`] = on(async () => {
      if (own.extreme === undefined || dtype === 'float16') return;
      const [value, ...gradients] = await subject.results(dtype, own.extreme);
      for (const x of value) if (!Number.isFinite(x)) fail(`the value is ${x}`);
      for (const x of gradients.flat()) if (!Number.isFinite(x)) fail(`a gradient is ${x}`);
    }, dtype);
  }
  return checks;
}

/** A loss with what it is tried with. */
class Subject {
  readonly #positions: readonly number[];

  constructor(
    readonly make: AnyFactory,
    readonly trial: LossTrial,
  ) {
    this.#positions = trial.differentiable ?? [...trial.inputs.keys()].filter((i) => !trial.inputs[i].integers);
  }

  /** Whether it has a weight for each class. */
  get weighsClasses(): boolean {
    return (this.make.schema.fields as Record<string, { kind: string } | undefined>)['weight']?.kind === 'tensor';
  }
  get classes(): number {
    const { classes, inputs } = this.trial;
    const [{ shape }] = inputs;
    return classes ?? shape[Math.min(1, shape.length - 1)];
  }
  /** The loss as a function of its differentiable inputs. */
  of(reduction: string, dtype: DType, given = this.trial.inputs, more: object = {}): (...xs: Tensor[]) => Tensor {
    const loss = this.make({ ...this.trial.options, ...more, reduction });
    return (...xs) => {
      const all = given.map((input) => made(input, dtype));
      this.#positions.forEach((at, i) => (all[at] = xs[i]));
      return loss(...all);
    };
  }
  /** Its differentiable inputs. */
  points(dtype: DType, given = this.trial.inputs): Tensor[] {
    return this.#positions.map((i) => made(given[i], dtype));
  }
  value(reduction: string, dtype: DType, given = this.trial.inputs, more: object = {}): Tensor {
    return this.of(reduction, dtype, given, more)(...this.points(dtype, given));
  }
  /** The sum, and its gradients. */
  async results(dtype: DType, given = this.trial.inputs): Promise<number[][]> {
    const { value, grads } = valueAndGrad(this.of('sum', dtype, given))(...this.points(dtype, given));
    return Promise.all([value, ...grads].map(numbers));
  }
  refuses(options: object): void {
    let taken = true;
    try {
      this.make(options);
    } catch {
      taken = false;
    }
    if (taken) fail(`${JSON.stringify(options)} was taken`);
  }
}

function made({ values, shape, integers }: TrialInput, dtype: DType): Tensor {
  return tensor([...values], { shape, dtype: integers === true ? 'int32' : dtype });
}

async function withDefault<T>(backend: Backend, body: () => Promise<T>): Promise<T> {
  const restore = replaceDefaultBackend(backend);
  try {
    return await body();
  } finally {
    restore();
  }
}

const numbers = async (t: Tensor): Promise<number[]> => Array.from(await t.data());
const sum = (values: readonly number[]): number => values.reduce((a, b) => a + b, 0);

function fail(what: string): never {
  throw new Error(what);
}

/** Throws unless the differences are within `part` of what is wanted, and of the greatest there. */
function expectNear(actual: readonly number[], wanted: readonly number[], part: number, what: string): void {
  if (actual.length !== wanted.length) fail(`${what}: there are ${actual.length} numbers, not ${wanted.length}`);
  const greatest = Math.max(0, ...wanted.map(Math.abs).filter(Number.isFinite));
  actual.forEach((x, i) => {
    const same = Object.is(x, wanted[i]) || x === wanted[i];
    if (!same && !(Math.abs(x - wanted[i]) <= part * (Math.abs(wanted[i]) + greatest)))
      fail(`${what}: element ${i} is ${x}, not ${wanted[i]}`);
  });
}
