/** The control block of a pool has places for so many. */
export const MAX_WORKERS = 128;

/**
 * How many threads to use: as many as wanted, or the machine's, where threads can share memory. That is in Node, and in
 * pages that are cross-origin isolated.
 */
export function chooseThreads(wanted: number): number {
  if (wanted === 1) return 1;
  // a module of Node, where there is one: bundlers for browsers have nothing to resolve
  const os = globalThis.process?.getBuiltinModule?.('node:os') as typeof import('node:os') | undefined;
  // Node has threads; their module, which takes a millisecond to load, is asked for when one is started
  const canShare = os ?? (globalThis.crossOriginIsolated && typeof Worker === 'function');
  if (!canShare) return 1;
  return wanted || Math.min(16, os ? os.availableParallelism() : navigator.hardwareConcurrency);
}
