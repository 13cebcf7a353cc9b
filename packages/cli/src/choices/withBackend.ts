import { type Backend, getDefaultBackend, KindlingError, setDefaultBackend } from '@kindling/core';
import type { GivenOption } from '../commands/command.js';
import type { Context } from '../context.js';
import { optionsFor } from './optionsFor.js';

export const usualBackend = 'cpu';

/** Runs `body` with a backend that is the default meanwhile, and closes it. */
export async function withBackend<T>(
  { registry }: Context,
  name: string,
  given: readonly GivenOption[],
  body: (backend: Backend) => Promise<T>,
): Promise<T> {
  const factory = registry.backend(name);
  const options = optionsFor(factory, name, 'backend', given);
  let backend: Backend;
  try {
    backend = await factory(options);
  } catch (error) {
    if ((error as Error).name === 'KindlingError') throw error;
    throw new KindlingError(`the backend '${name}' does not start: ${(error as Error).message}`, { cause: error });
  }
  const before = current();
  setDefaultBackend(backend);
  try {
    return await body(backend);
  } finally {
    setDefaultBackend(before);
    await backend.close();
  }
}

function current(): Backend | undefined {
  try {
    return getDefaultBackend();
  } catch {
    return undefined;
  }
}
