import type { Backend } from '@kindling/core';
import { replaceDefaultBackend } from './replaceDefaultBackend.js';

/**
 * What opens a backend for tests and makes it the default one; what that gives closes it again. In vitest:
 *
 *     beforeAll(useBackend(cpu));
 */
export function useBackend(open: () => Backend | Promise<Backend>): () => Promise<() => Promise<void>> {
  return async () => {
    const backend = await open();
    const restore = replaceDefaultBackend(backend);
    return async () => {
      restore();
      await backend.close();
    };
  };
}
