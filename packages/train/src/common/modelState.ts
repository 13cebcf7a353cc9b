import { assign, KindlingError, type Model, noGrad, type Optimizer, sameShape, showShape, type Tensor, Variable } from '@kindling/core'; // prettier-ignore

/** All that a model consists of, by name: parameters and buffers where it can list them, else its parameters. */
export function modelState(model: Model): Record<string, Variable> {
  if ('stateDict' in model && typeof model.stateDict === 'function')
    return variablesOf((model as { stateDict(): Record<string, Tensor> }).stateDict());
  return Object.fromEntries(model.parameters().map((p, i) => [`parameters.${i}`, p]));
}

/** The state of an optimizer: what lives on the device, and the rest. */
export function optimizerState(optimizer: Optimizer): {
  readonly variables: Record<string, Variable>;
  readonly host: Record<string, Tensor>;
} {
  const state = optimizer.stateDict();
  const variables = variablesOf(state);
  return { variables, host: Object.fromEntries(Object.entries(state).filter(([name]) => !(name in variables))) };
}

function variablesOf(state: Record<string, Tensor>): Record<string, Variable> {
  return Object.fromEntries(Object.entries(state).filter((e): e is [string, Variable] => e[1] instanceof Variable));
}

/** Gives each variable of `to` the value that `from` has under the same name. */
export function assignAll(to: Readonly<Record<string, Variable>>, from: Readonly<Record<string, Tensor>>): void {
  for (const [name, v] of Object.entries(to)) {
    const value = from[name];
    if (value !== undefined) assign(v, value);
  }
}

/** Puts saved values into a model. Throws where names or shapes differ. */
export function loadModelState(operation: string, model: Model, values: Readonly<Record<string, Tensor>>): void {
  if ('loadStateDict' in model && typeof model.loadStateDict === 'function') {
    (model as { loadStateDict(state: Readonly<Record<string, Tensor>>): unknown }).loadStateDict(values);
    return;
  }
  const state = modelState(model);
  for (const [name, v] of Object.entries(state))
    if (values[name] === undefined || !sameShape(v.shape, values[name].shape))
      throw new KindlingError(
        `${operation}: the model has '${name}' of shape ${showShape(v.shape)}, the file ${values[name] === undefined ? 'does not' : `has it with ${showShape(values[name].shape)}`}`,
      );
  const extra = Object.keys(values).find((name) => !(name in state));
  if (extra !== undefined) throw new KindlingError(`${operation}: the file has '${extra}', which the model has not`);
  noGrad(() => {
    assignAll(state, values);
  });
}
