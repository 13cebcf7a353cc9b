import { KindlingError, type Tensor, tensor } from '@kindling/core';

/**
 * A state dictionary with PyTorch's names, as `model.loadStateDict` and `optimizer.loadStateDict` take it. Names go from
 * snake to camel case (`running_mean` → `runningMean`, `state.0.exp_avg` → `state.0.expAvg`; `fc_1` stays), and
 * `param_groups` are `groups`. Values are as they are: the layouts of weights are PyTorch's.
 *
 * What only PyTorch counts, `num_batches_tracked`, is left out. SGD does not save how many steps it has taken; all that
 * matters is that its momentum is not fresh, which `state.0.step` = 1 says.
 * @throws KindlingError where two names become one.
 */
export function fromTorchState(state: Readonly<Record<string, Tensor>>): Record<string, Tensor> {
  const kept = Object.entries(state).filter(([name]) => !/(^|\.)num_batches_tracked$/.test(name));
  const renamed = rename(
    'fromTorchState',
    kept,
    (name) =>
    name.replace(/^param_groups\./, 'groups.').replace(/(?<=[A-Za-z0-9])_([a-z])/g, (_, letter: string) => letter.toUpperCase()), // prettier-ignore
  );
  const ofOptimizer = 'groups.0.lr' in renamed;
  for (const name of ofOptimizer ? Object.keys(renamed) : []) {
    const [, index] = /^state\.(\d+)\./.exec(name) ?? [];
    if (index !== undefined) renamed[`state.${index}.step`] ??= tensor(1, { dtype: 'float64' });
  }
  return renamed;
}

/**
 * The state of a model or an optimizer under PyTorch's names: the inverse of `fromTorchState`. Steps are float32, as
 * PyTorch has them. What `writeSafetensors` makes of it, `safetensors.torch.load_file` reads; a model takes that with
 * `load_state_dict`.
 * @throws KindlingError where two names become one.
 */
export function toTorchState(state: Readonly<Record<string, Tensor>>): Record<string, Tensor> {
  const steps = Object.entries(state).map(([name, value]): [string, Tensor] =>
    [name, /^state\.\d+\.step$/.test(name) ? value.to('float32') : value]); // prettier-ignore
  return rename('toTorchState', steps, (name) =>
    name.replace(/^groups\./, 'param_groups.').replace(/(?<=[a-z0-9])([A-Z])/g, (letter) => `_${letter.toLowerCase()}`),
  );
}

function rename(
  operation: string,
  entries: readonly (readonly [string, Tensor])[],
  to: (name: string) => string,
): Record<string, Tensor> {
  const result: Record<string, Tensor> = {};
  const from = new Map<string, string>();
  for (const [name, value] of entries) {
    const renamed = to(name);
    const twin = from.get(renamed);
    if (twin !== undefined)
      throw new KindlingError(`${operation}: '${twin}' and '${name}' both become '${renamed}'; rename one of them.`);
    from.set(renamed, name);
    result[renamed] = value;
  }
  return result;
}
