import { readdir, rmdir, stat } from 'node:fs/promises';
import { basename, dirname, resolve } from 'node:path';
import { access, constants } from 'node:fs/promises';
import { KindlingError } from '@kindling/core';
import { fileProblem } from './fileProblem.js';

export const usualOut = 'model';

/** Where a run writes: the model folder when all is done, the checkpoint beside it until then. */
export interface OutputPlace {
  /** As the user would type it. */
  readonly shown: string;
  readonly folder: string;
  readonly checkpoint: string;
  readonly checkpointShown: string;
}

export function placeOf(cwd: string, out: string): OutputPlace {
  const shown = out.replace(/(?<=.)[/\\]+$/, '');
  const folder = resolve(cwd, shown);
  return { shown, folder, checkpoint: `${folder}.checkpoint`, checkpointShown: `${shown}.checkpoint` };
}

/** `model`, or `model-2`, `model-3`, … where that is taken: without --out nothing is ever overwritten. */
export async function freePlace(cwd: string): Promise<OutputPlace> {
  for (let n = 1; ; n++) {
    const place = placeOf(cwd, n === 1 ? usualOut : `${usualOut}-${n}`);
    if (!(await exists(place.folder)) && !(await exists(place.checkpoint))) return place;
  }
}

/** Throws where the model could not be written in the end, before any time is spent on training. */
export async function requireWritable(place: OutputPlace, o: { force: boolean; resume: boolean }): Promise<void> {
  const { folder, shown, checkpoint, checkpointShown } = place;
  const found = await kindOf(folder, shown);
  if (found === 'file') throw new KindlingError(`the output ${shown} is a file; --out must name a folder`);
  if (found === 'folder') {
    const names = await readdir(folder).catch((error: unknown) => {
      throw fileProblem(`cannot read the output folder ${shown}`, error);
    });
    if (names.length > 0 && !names.includes('model.json'))
      throw new KindlingError(`the output ${shown} exists and is no model folder; choose another --out`);
    if (names.length > 0 && !o.force)
      throw new KindlingError(`the output ${shown} exists; choose another --out, or overwrite it with --force`);
  }
  const unfinished = await kindOf(checkpoint, checkpointShown);
  if (unfinished !== 'nothing' && !o.resume && !o.force)
    throw new KindlingError(
      `there is an unfinished run in ${checkpointShown}; go on with --resume, or start anew with --force`,
    );
  const parent = await firstExisting(dirname(folder));
  try {
    await access(parent, constants.W_OK | constants.X_OK);
  } catch (error) {
    throw fileProblem(`cannot write to ${shown}`, error);
  }
}

/** An empty folder, as `mktemp -d` makes one, is no obstacle to a model. */
export async function removeIfEmpty(folder: string): Promise<void> {
  await rmdir(folder).catch(() => {});
}

async function firstExisting(folder: string): Promise<string> {
  for (let at = folder; ; at = dirname(at)) {
    const found = await kindOf(at, basename(at));
    if (found === 'folder') return at;
    if (found === 'file') throw new KindlingError(`cannot write below ${at}: it is a file, not a folder`);
    if (dirname(at) === at) return at;
  }
}

async function exists(path: string): Promise<boolean> {
  return (await kindOf(path, path)) !== 'nothing';
}

async function kindOf(path: string, shown: string): Promise<'nothing' | 'file' | 'folder'> {
  try {
    return (await stat(path)).isDirectory() ? 'folder' : 'file';
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'ENOENT') return 'nothing';
    if (code === 'ENOTDIR') throw new KindlingError(`cannot write to ${shown}: a part of its path is a file`);
    throw fileProblem(`cannot look at ${shown}`, error);
  }
}
