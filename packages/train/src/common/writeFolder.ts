import { KindlingError } from '@kindling/core';
import { checkpointName } from './checkpoint.js';
import { codeOf, fileSystem, temporaryName, unusable } from './files.js';

const operation = 'savePipeline';

/**
 * Makes a model folder of these files, as a whole or not at all: they are written beside it first. An existing model
 * folder is replaced with `force` only; files in it that do not belong to the old model are taken along.
 */
export async function writeFolder(
  folder: string,
  files: Readonly<Record<string, string | Uint8Array>>,
  force: boolean,
): Promise<void> {
  const { fs, path } = fileSystem(operation);
  const target = await fs.realpath(folder).catch(() => path.resolve(folder));
  const present = await entries(target);
  const foreign = await foreignFiles(target, present, folder, force);
  const made = temporaryName(target);
  const old = `${made}.old`;
  try {
    await fs.mkdir(path.dirname(target), { recursive: true });
    await fs.mkdir(made);
    for (const name of foreign)
      if (!Object.hasOwn(files, name))
        await fs.cp(path.join(target, name), path.join(made, name), { recursive: true, preserveTimestamps: true });
    for (const [name, content] of Object.entries(files)) await fs.writeFile(path.join(made, name), content);
    if (present !== undefined) await fs.rename(target, old);
    try {
      await fs.rename(made, target);
    } catch (error) {
      if (present !== undefined) await fs.rename(old, target);
      throw error;
    }
  } catch (error) {
    await fs.rm(made, { recursive: true, force: true }).catch(() => {});
    throw error instanceof KindlingError ? error : unusable(operation, folder, error);
  }
  if (present !== undefined) await fs.rm(old, { recursive: true, force: true }).catch(() => {});
}

/** What is in a folder; undefined where there is none. */
async function entries(folder: string): Promise<string[] | undefined> {
  const { fs } = fileSystem(operation);
  try {
    return await fs.readdir(folder);
  } catch (error) {
    if (codeOf(error) === 'ENOENT') return undefined;
    if (codeOf(error) === 'ENOTDIR')
      throw new KindlingError(`${operation}: ${folder} is a file; choose another name for the model folder`);
    throw unusable(operation, folder, error);
  }
}

/** The files that stay. Throws where the folder must not be replaced. */
async function foreignFiles(
  target: string,
  present: readonly string[] | undefined,
  folder: string,
  force: boolean,
): Promise<readonly string[]> {
  if (present === undefined || present.length === 0) return [];
  const { fs, path } = fileSystem(operation);
  const strange = present.find((name) => name !== checkpointName);
  if (!present.includes('model.json')) {
    if (strange === undefined) return present;
    throw new KindlingError(
      `${operation}: ${folder} exists and is no model folder (it holds '${strange}'); choose another name`,
    );
  }
  if (!force)
    throw new KindlingError(`${operation}: ${folder} already holds a model; pass force to replace it, or choose another name`); // prettier-ignore
  let own: unknown;
  try {
    own = (JSON.parse(await fs.readFile(path.join(target, 'model.json'), 'utf8')) as { files?: unknown }).files;
  } catch {
    // a damaged description: what it would have listed stays
  }
  const owned = new Set(['model.json', 'model.safetensors', ...(Array.isArray(own) ? (own as unknown[]) : [])]);
  return present.filter((name) => !owned.has(name));
}
