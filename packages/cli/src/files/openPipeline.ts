import { stat } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { KindlingError } from '@kindling/core';
import type { Pipeline } from '@kindling/train';
import type { Context } from '../context.js';
import { fileProblem } from './fileProblem.js';

/** The model of a folder, with a message about what the user typed where it is none. */
export async function openPipeline({ cwd, registry }: Context, shown: string): Promise<Pipeline> {
  const folder = resolve(cwd, shown);
  try {
    if (!(await stat(folder)).isDirectory())
      throw new KindlingError(`${shown} is a file; a model is the folder that 'kindling train --out' wrote`);
    await stat(join(folder, 'model.json'));
  } catch (error) {
    if ((error as Error).name === 'KindlingError') throw error;
    const isFolder = await stat(folder).then(
      () => true,
      () => false,
    );
    if (isFolder && (error as NodeJS.ErrnoException).code === 'ENOENT')
      throw new KindlingError(`${shown} is no model: it has no model.json`);
    throw fileProblem(`cannot open the model ${shown}`, error);
  }
  const { loadPipeline } = await import('@kindling/train');
  return loadPipeline(folder, { registry });
}
