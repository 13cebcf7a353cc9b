import { KindlingError } from './errors.js';
import {
  choice,
  type Field,
  type Fields,
  type Given,
  type OptionsSchema,
  optionsSchema,
  type Resolved,
  resolveOptions,
} from './options.js';
import { showShape } from './shape.js';
import { Tensor } from './tensor.js';

export type Task = 'classification' | 'binary' | 'multilabel' | 'regression' | 'ranking' | 'embedding' | 'sequence';
/** What the loss expects from the model: lets the command line add the right head and `predict` undo it. */
export type Output = 'logits' | 'logProbabilities' | 'probabilities' | 'value' | 'logRate' | 'embedding';
/** What a loss asks of its target. */
export type Reduction = 'mean' | 'sum' | 'none';

/** In code, any function of this form is a loss. */
export type Loss<I extends readonly Tensor[] = [input: Tensor, target: Tensor]> = (...inputs: I) => Tensor;

/** A loss made by a factory: it knows what it was made of, so that files can name it. */
export type ConfiguredLoss<I extends readonly Tensor[]> = Loss<I> & {
  readonly lossName: string;
  readonly task: Task | readonly Task[];
  readonly inputs: readonly string[];
  readonly output: Output;
  readonly options: Readonly<Record<string, unknown>>;
};

export interface LossFactory<
  N extends string = string,
  F extends Fields = Fields,
  I extends readonly Tensor[] = Tensor[],
  R extends string = never,
> {
  (options?: Given<F> & { reduction?: Reduction | R }): ConfiguredLoss<I>;
  readonly kind: 'loss';
  readonly lossName: N;
  readonly task: Task | readonly Task[];
  /** The tensors that it takes: `input` and `target` for most. Those that may be left out end with a question mark. */
  readonly inputs: readonly string[];
  readonly output: Output;
  readonly schema: OptionsSchema<F & { reduction: Field<string> }>;
  /** Says whether its options make the loss expect probabilities instead, and so on. */
  readonly outputOf: (options: Record<string, unknown>) => Output;
}

/** How values become one. `weight` is there where `compute` gave one. */
export type Reduce<I extends readonly Tensor[]> = (value: Tensor, weight: Tensor | undefined, inputs: I) => Tensor;

export interface LossDefinition<
  N extends string,
  F extends Fields,
  I extends readonly Tensor[],
  R extends string = never,
> {
  readonly name: N;
  readonly task: Task | readonly Task[];
  /** The tensors that it takes, in order. Default `input` and `target`; one that may be left out ends with a question mark. */
  readonly inputs?: readonly string[];
  /** A function where it depends on the options, such as `fromLogits`. */
  readonly output: Output | ((options: Resolved<F>) => Output);
  readonly options: F;
  /** One value per sample or element. With `weight`, the mean is Σ value / Σ weight. */
  readonly compute: (
    options: Resolved<F>,
    ...inputs: I
  ) => Tensor | { readonly value: Tensor; readonly weight: Tensor };
  /** Reductions beyond the usual ones, such as `batchmean`, by name; one named `mean` takes the place of the usual mean. */
  readonly reductions?: { readonly [K in R]: Reduce<NoInfer<I>> };
}

/** The tensors that a loss cannot do without. */
export function neededInputs(inputs: readonly string[]): readonly string[] {
  return inputs.filter((name) => !name.endsWith('?'));
}

const reductions = ['mean', 'sum', 'none'] as const;

/** A loss from its formula: reduction, options and names come from here. */
export function defineLoss<
  const N extends string,
  F extends Fields,
  I extends readonly Tensor[],
  R extends string = never,
>(definition: LossDefinition<N, F, I, R>): LossFactory<N, F, I, R> {
  const { name, task, compute, inputs: takes = ['input', 'target'] } = definition;
  const least = neededInputs(takes).length;
  const own: Readonly<Record<string, Reduce<I>>> = definition.reductions ?? {};
  const added = Object.keys(own).filter((r) => !(reductions as readonly string[]).includes(r)) as R[];
  const fields = {
    ...definition.options,
    reduction: choice([...reductions, ...added], {
      default: 'mean',
      description: `how the values become one: ${['mean', 'sum', ...added].join(', ')}, or none`,
    }),
  };
  const schema = optionsSchema(fields);
  const outputOf = (options: Record<string, unknown>): Output =>
    typeof definition.output === 'function'
      ? definition.output(resolveOptions(name, schema, options))
      : definition.output;
  const factory = (given: Given<F> & { reduction?: Reduction | R } = {}): ConfiguredLoss<I> => {
    const options = resolveOptions(name, schema, given) as unknown as Resolved<F> & { reduction: Reduction | R };
    const loss = (...inputs: I): Tensor => {
      if (inputs.length < least || inputs.length > takes.length)
        throw new KindlingError(
          `${name}: takes ${least === takes.length ? '' : `${least} to `}${takes.length} tensors (${takes.join(', ')}), ` +
            `and was given ${inputs.length}`,
        );
      for (const t of inputs)
        if (!(t instanceof Object) || !('node' in t))
          throw new KindlingError(`${name}: an input is ${String(t)}, not a tensor; make one with tensor(…)`);
      const result = compute(options, ...inputs);
      const [value, weight] = 'value' in result ? [result.value, result.weight] : [result, undefined];
      const reduce = Object.hasOwn(own, options.reduction) ? own[options.reduction] : undefined;
      if (reduce !== undefined) return reduce(value, weight, inputs);
      if (options.reduction === 'none') return value;
      if (options.reduction === 'sum') return value.sum();
      return weight === undefined ? value.mean() : value.sum().div(weight.sum());
    };
    return Object.assign(loss, { lossName: name, task, inputs: takes, output: outputOf(given), options: { ...given } });
  };
  return Object.assign(factory, {
    kind: 'loss' as const,
    lossName: name,
    task,
    inputs: takes,
    output: outputOf({}),
    schema: schema,
    outputOf,
  });
}

/**
 * Targets that a loss reads as class indices: integers as they are, and numbers from a plain array as int32. A float
 * tensor is not taken for indices by accident.
 */
export function asIndices(operation: string, target: Tensor): Tensor {
  if (target.dtype === 'int32' || target.dtype === 'uint32' || target.dtype === 'bool') return target.to('int32');
  const { op, attribute, value } = target.node;
  if (op === 'data' && (attribute as { weak: boolean }).weak && ArrayBuffer.isView(value)) {
    const wrong = Array.from(value as Float32Array).find((x) => !Number.isInteger(x));
    if (wrong === undefined) return target.to('int32');
    throw new KindlingError(`${operation}: a class index is a whole number, got ${wrong}`);
  }
  throw new KindlingError(
    `${operation}: a target of dtype ${target.dtype} and shape ${showShape(target.shape)} is neither class indices nor class ` +
      `probabilities; for indices use an Int32Array or target.to('int32')`,
  );
}
