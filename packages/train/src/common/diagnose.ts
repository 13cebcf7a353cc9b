import { findNonFinite, type NonFinite } from '@kindling/autograd';
import { showShape, type Tensor } from '@kindling/core';
import type { Batch } from '@kindling/data';
import type { TrainStep } from './trainStep.js';
import type { TrainingSnapshot } from './snapshot.js';

export interface Diagnosis {
  /** Steps from the snapshot to the bad one, from 0. */
  readonly offset: number;
  readonly message: string;
}

/**
 * Goes from the last good state through the same batches again, step by step and without compilation, and looks where
 * the first number stops being finite. Slow; nobody waits for it unless training has failed. Undefined if the second
 * pass stays finite. The state afterwards is anything.
 */
export async function diagnose(
  step: TrainStep,
  snapshot: TrainingSnapshot,
  batches: () => Iterable<readonly Batch[]>,
): Promise<Diagnosis | undefined> {
  const { model, optimizer } = step.options;
  const parameters = optimizer.groups.flatMap((g) => g.params);
  nameParameters(model);
  const begin = (): void => {
    snapshot.restore();
    model.train(true);
  };
  // first the step, by reading results only; then the operation, which needs its graph whole
  begin();
  let offset = 0;
  let where: 'loss' | 'gradient' | 'update' | undefined;
  for (const data of batches()) {
    const loss = await step.runSlowly(data);
    if (!(await finite(loss))) where = 'loss';
    for (const p of parameters)
      if (where === undefined && p.grad !== undefined && !(await finite(p.grad))) where = 'gradient';
    for (const p of parameters) if (where === undefined && !(await finite(p))) where = 'update';
    if (where !== undefined) break;
    offset += 1;
  }
  if (where === undefined) return undefined;
  if (where === 'update')
    return { offset, message: `the update of ${optimizer.optimizerName} made a parameter that is not finite` };

  begin();
  let at = 0;
  for (const data of batches()) {
    if (at === offset) {
      for (const { input, target } of data) {
        const wrong = await inBatch(input, target);
        if (wrong !== undefined) return { offset, message: wrong };
      }
      const loss = step.differentiate(data);
      const suspects = where === 'loss' ? [loss] : parameters.flatMap((p) => (p.grad === undefined ? [] : [p.grad]));
      for (const suspect of suspects) {
        const found = await findNonFinite(suspect);
        if (found !== undefined) return { offset, message: describe(where, found) };
      }
      break;
    }
    await step.runSlowly(data);
    at += 1;
  }
  return { offset, message: `the ${where} is not finite` };
}

async function inBatch(input: Tensor, target: Tensor): Promise<string | undefined> {
  if (!(await finite(input))) return 'the input of the batch holds a number that is not finite; clean the data';
  if (!(await finite(target))) return 'the target of the batch holds a number that is not finite; clean the data';
  return undefined;
}

function describe(where: 'loss' | 'gradient', { op, shape, name, found, inputs }: NonFinite): string {
  const operands = inputs.map((i) => `${i.name ?? i.op} ${showShape(i.shape)}`).join(', ');
  const at =
    name === undefined ? `the operation '${op}' of shape ${showShape(shape)}` : `'${name}' ${showShape(shape)}`;
  return `the ${where} became ${found} in ${at}${operands === '' ? '' : `, computed from ${operands}`}`;
}

async function finite(t: Tensor): Promise<boolean> {
  for (const x of await t.data()) if (!Number.isFinite(x)) return false;
  return true;
}

/** So that messages name them. */
function nameParameters(model: object): void {
  if ('namedParameters' in model && typeof model.namedParameters === 'function')
    (model.namedParameters as () => unknown)();
}
