import { KindlingError, type OpenRegistry, type OptimizerFactory, parameter, zeros } from '@kindling/core';
import type { GivenOption } from '../commands/command.js';
import { flagText } from '../settings/commandLine.js';
import { kebab } from '../settings/names.js';
import { optionSchemas } from '../settings/pluginOptions.js';
import { optionsFor } from './optionsFor.js';

/** An optimizer by name, with the options that the user gave. */
export interface ChosenOptimizer {
  readonly name: string;
  readonly factory: OptimizerFactory;
  readonly options: Record<string, unknown>;
  /** The learning rate that it will have. */
  readonly lr: number;
}

const usualOptimizer = 'adam';
const compared = ['sgd', 'adam', 'adamw', 'rmsprop'];

/** The optimizers that are compared where none are named. */
export function comparedOptimizers(registry: OpenRegistry): string[] {
  const all = registry.entries().flatMap(({ name, provision }) => (provision.kind === 'optimizer' ? [name] : []));
  const usualOnes = compared.filter((name) => all.includes(name));
  return usualOnes.length > 0 ? usualOnes : all;
}

function defaultOptimizer(registry: OpenRegistry): string {
  const names = registry.entries().flatMap(({ name, provision }) => (provision.kind === 'optimizer' ? [name] : []));
  const name = names.includes(usualOptimizer) ? usualOptimizer : names[0];
  if (name === undefined) throw new KindlingError('no optimizer is registered; install one');
  return name;
}

/**
 * Why an optimizer cannot train a network's biases, which are vectors; undefined where it can.
 * @throws KindlingError where the options do not make an optimizer.
 */
export function biasProblem(factory: OptimizerFactory, options: Record<string, unknown>): string | undefined {
  factory([parameter(zeros([1, 1]))], options);
  try {
    factory([parameter(zeros([1]))], options);
    return undefined;
  } catch (error) {
    if (error instanceof KindlingError) return error.message;
    throw error;
  }
}

/** Refuses an optimizer that cannot train all of a network, before anything is trained. */
export function requireBiases(
  factory: OptimizerFactory,
  name: string,
  options: Record<string, unknown>,
  flag: string,
): void {
  const problem = biasProblem(factory, options);
  if (problem === undefined) return;
  throw new KindlingError(
    `the optimizer '${name}' cannot train the biases of the model (${problem}); choose another ${flag}`,
  );
}

/** The options, as flags, that would make an optimizer steadier; undefined where it knows none. */
export function steadierFlags(factory: OptimizerFactory, options: Record<string, unknown>): string | undefined {
  const { steadier = {} } = factory([parameter(zeros([1]))], options);
  const flags = Object.entries(steadier).map(([name, value]) => `--optimizer.${kebab(name)} ${flagText(value)}`);
  return flags.length === 0 ? undefined : flags.join(' ');
}

/** `--lr` is short for `--optimizer.lr`. */
export function chooseOptimizer(
  registry: OpenRegistry,
  name: string | undefined,
  lr: number | undefined,
  given: readonly GivenOption[],
): ChosenOptimizer {
  const chosen = name ?? defaultOptimizer(registry);
  const factory = registry.optimizer(chosen);
  if (lr !== undefined && given.some((g) => g.kind === 'optimizer' && g.option === 'lr' && g.from === 'flag'))
    throw new KindlingError('give --lr or --optimizer.lr, not both');
  const short: readonly GivenOption[] = lr === undefined ? [] : [{ kind: 'optimizer', option: 'lr', value: { value: lr }, shown: '--lr', from: 'flag' }]; // prettier-ignore
  const options = optionsFor(factory, chosen, 'optimizer', [...given, ...short]);
  requireBiases(factory, chosen, options, '--optimizer');
  const fallback = optionSchemas(factory)['lr']?.default;
  return { name: chosen, factory, options, lr: Number(options['lr'] ?? fallback) };
}
