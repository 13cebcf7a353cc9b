import { readdir, readFile, rm, rmdir } from 'node:fs/promises';
import { join } from 'node:path';
import { KindlingError } from '@kindling/core';
import { fileProblem } from '../files/fileProblem.js';
import { makeFolder } from '../files/makeFolder.js';
import type { OutputPlace } from '../files/modelFolder.js';
import { writeAtomically } from '../files/writeAtomically.js';
import type { Plan } from './plan.js';

/** What a checkpoint folder says of the run it belongs to, beside what `fit` keeps there. */
export interface RunFile {
  readonly format: 'kindling-run';
  readonly version: 1;
  readonly plan: Plan;
  readonly target: string;
  readonly shares: { readonly validation: number; readonly test: number };
  /** Of the data. */
  readonly fingerprint: string;
  /** What continues it. */
  readonly command: string;
}

const name = 'run.json';

/** Makes the checkpoint folder. An unfinished run that is given up by --force goes first. */
export async function beginCheckpoint(place: OutputPlace, run: RunFile): Promise<void> {
  try {
    await rm(place.checkpoint, { recursive: true, force: true });
    await makeFolder(place.checkpoint);
  } catch (error) {
    throw fileProblem(`cannot make the folder ${place.checkpointShown}`, error);
  }
  await writeAtomically(join(place.checkpoint, name), `${JSON.stringify(run, undefined, 2)}\n`);
}

/** The run to go on with, or an error where there is none or it was another one. */
export async function resumeCheckpoint(place: OutputPlace, now: RunFile): Promise<void> {
  let before: RunFile;
  try {
    before = JSON.parse(await readFile(join(place.checkpoint, name), 'utf8')) as RunFile;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT')
      throw new KindlingError(
        `there is no unfinished run in ${place.checkpointShown} to go on with; leave --resume out`,
      );
    throw error instanceof SyntaxError
      ? new KindlingError(`${place.checkpointShown}/${name} is damaged; start anew with --force instead of --resume`)
      : fileProblem(`cannot read ${place.checkpointShown}/${name}`, error);
  }
  if (before?.format !== 'kindling-run' || before.version !== 1)
    throw new KindlingError(`${place.checkpointShown} holds no run that this release can go on with`);
  if (before.fingerprint !== now.fingerprint)
    throw new KindlingError(
      `the data is not what the run in ${place.checkpointShown} was started with; start anew with --force`,
    );
  const changed = differences(before, now);
  if (changed.length > 0)
    throw new KindlingError(
      `the run in ${place.checkpointShown} was started with other settings (${changed.join(', ')}); only --epochs may change. To go on:\n  ${before.command}`,
    );
}

/** The run is over: what it needed to go on is not needed any more. */
export async function endCheckpoint(place: OutputPlace): Promise<void> {
  await rm(place.checkpoint, { recursive: true, force: true }).catch(() => {});
}

/** Whether there is anything to go on from. */
export async function hasCheckpoint(place: OutputPlace): Promise<boolean> {
  const names = await readdir(place.checkpoint).catch((): string[] => []);
  return names.some((n) => n !== name);
}

/** Removes the folder of a run that has nothing to go on from. */
export async function dropEmptyCheckpoint(place: OutputPlace): Promise<void> {
  if (await hasCheckpoint(place)) return;
  await rm(join(place.checkpoint, name), { force: true }).catch(() => {});
  await rmdir(place.checkpoint).catch(() => {});
}

function differences(before: RunFile, now: RunFile): string[] {
  const flat = ({ plan, target, shares }: RunFile): Record<string, unknown> => ({
    ...plan,
    target,
    ...shares,
    loss: [plan.loss.name, plan.loss.options],
    optimizer: [plan.optimizer.name, plan.optimizer.options],
  });
  const [a, b] = [flat(before), flat(now)];
  return Object.keys({ ...a, ...b }).filter((key) => key !== 'epochs' && JSON.stringify(a[key]) !== JSON.stringify(b[key])); // prettier-ignore
}
