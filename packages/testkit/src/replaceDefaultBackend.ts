import { type Backend, getDefaultBackend, setDefaultBackend } from '@kindling/core';

/** Makes a backend the default one; what it gives makes it the one that was before, or none. */
export function replaceDefaultBackend(backend: Backend): () => void {
  let before: Backend | undefined;
  try {
    before = getDefaultBackend();
  } catch {
    before = undefined; // there is none
  }
  setDefaultBackend(backend);
  return () => setDefaultBackend(before);
}
