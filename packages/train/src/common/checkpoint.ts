import { KindlingError, type Model, type Optimizer, randomState, type ScheduleState, setRandomState, type Tensor, tensor } from '@kindling/core'; // prettier-ignore
import { decodeSafetensors, writeSafetensors } from '@kindling/formats';
import type { CheckpointStore } from '../checkpointStore.js';
import type { Epoch } from '../epoch.js';
import { loadModelState, modelState } from './modelState.js';
import type { LossScaler } from './trainStep.js';

/** The one file of a checkpoint. */
export const checkpointName = 'checkpoint.safetensors';

/** Where training is, beside tensors. */
export interface Progress {
  readonly version: 1;
  /** What must be the same for the curve to continue. */
  readonly settings: Readonly<Record<string, unknown>>;
  readonly random: { readonly seed: number; readonly counter: number };
  /** The epoch under way, from 0, and the steps taken in it. */
  readonly epoch: number;
  readonly stepInEpoch: number;
  readonly step: number;
  /** Of the epoch under way: the losses read so far, as Σ loss · rows. */
  readonly lossSum: number;
  readonly rows: number;
  readonly epochs: readonly Epoch[];
  /** The position of the best epoch in `epochs`; −1 before the first. */
  readonly best: number;
  readonly baseLr: readonly number[];
  readonly schedule?: ScheduleState;
  readonly seconds: number;
}

export interface Checkpoint {
  readonly progress: Progress;
  readonly model: Record<string, Tensor>;
  readonly optimizer: Record<string, Tensor>;
  /** The parameters of the best epoch, where they are kept. */
  readonly best: Record<string, Tensor>;
  /** The scale of the losses, where they are scaled. */
  readonly scaler: Record<string, Tensor>;
  /** The losses summed on the device and not read yet. */
  readonly pending: Tensor;
}

const parts = ['model', 'optimizer', 'best', 'scaler'] as const;

/**
 * Writes a checkpoint, unless a trained parameter is not finite: then nothing is written and the result is false,
 * so that the last good checkpoint stays.
 */
export async function writeCheckpoint(
  store: CheckpointStore,
  model: Model,
  optimizer: Optimizer,
  best: Readonly<Record<string, Tensor>>,
  scaler: LossScaler | undefined,
  pending: Tensor,
  progress: Omit<Progress, 'random' | 'version'>,
): Promise<boolean> {
  const whole: Progress = { version: 1, random: randomState(), ...progress };
  const tensors: Record<string, Tensor> = { pending };
  const groups = {
    model: modelState(model),
    optimizer: optimizer.stateDict(),
    best,
    scaler: scaler?.stateDict() ?? {},
  };
  for (const part of parts)
    for (const [name, value] of Object.entries(groups[part])) tensors[`${part}.${name}`] = value;
  for (const group of optimizer.groups)
    for (const p of group.params) if (!(await p.data()).every((x) => Number.isFinite(x))) return false;
  const bytes = await writeSafetensors(tensors, { kindling: JSON.stringify(whole, replaceNumbers) });
  await store.write(checkpointName, bytes);
  return true;
}

/** The checkpoint of a store; undefined where there is none. */
export async function readCheckpoint(store: CheckpointStore): Promise<Checkpoint | undefined> {
  const bytes = await store.read(checkpointName);
  if (bytes === undefined) return undefined;
  const damaged = (why: string): KindlingError => new KindlingError(`resume: the checkpoint is damaged: ${why}`);
  const { tensors, metadata } = decodeSafetensors(bytes);
  const groups: Record<(typeof parts)[number], Record<string, Tensor>> = {
    model: {},
    optimizer: {},
    best: {},
    scaler: {},
  };
  let pending: Tensor | undefined;
  for (const [name, { data, shape, dtype }] of Object.entries(tensors)) {
    const value = tensor(data, { shape, dtype, copy: false });
    const part = parts.find((p) => name.startsWith(`${p}.`));
    if (part !== undefined) groups[part][name.slice(part.length + 1)] = value;
    else if (name === 'pending') pending = value;
  }
  let progress: Progress;
  try {
    progress = JSON.parse(metadata['kindling'] ?? 'null', reviveNumbers) as Progress;
  } catch {
    throw damaged('its progress is not JSON');
  }
  if (progress?.version !== 1) throw damaged('it was not written by this release, or not by fit');
  const counts = [progress.epoch, progress.stepInEpoch, progress.step, progress.rows, progress.random?.seed, progress.random?.counter]; // prettier-ignore
  if (
    pending === undefined ||
    !counts.every((n) => Number.isSafeInteger(n) && n >= 0) ||
    !Array.isArray(progress.epochs) ||
    !Array.isArray(progress.baseLr)
  )
    // prettier-ignore
    throw damaged('its progress is incomplete');
  return { progress, ...groups, pending };
}

/** Puts model, optimizer, the scale of losses and random numbers into the state of a checkpoint. */
export function applyCheckpoint(
  checkpoint: Checkpoint,
  model: Model,
  optimizer: Optimizer,
  scaler: LossScaler | undefined,
): void {
  loadModelState('resume', model, checkpoint.model);
  optimizer.loadStateDict(checkpoint.optimizer);
  scaler?.loadStateDict(checkpoint.scaler);
  setRandomState(checkpoint.progress.random);
}

// JSON has no NaN and no infinities, and a curve may
function replaceNumbers(_: string, value: unknown): unknown {
  return typeof value === 'number' && !Number.isFinite(value) ? { number: String(value) } : value;
}
function reviveNumbers(_: string, value: unknown): unknown {
  if (typeof value !== 'object' || value === null || !('number' in value) || Object.keys(value).length !== 1) return value; // prettier-ignore
  return Number(value.number);
}
