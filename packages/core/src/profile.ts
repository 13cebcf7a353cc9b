import { type Backend, getDefaultBackend, type KernelProfile } from './backend.js';
import { KindlingError } from './errors.js';

/** What ran while something was profiled. */
export interface Profile {
  /** One entry for each kernel, the longest first. */
  readonly kernels: readonly KernelProfile[];
  /** Milliseconds of all kernels together; undefined where the backend cannot time them. */
  readonly kernelMs: number | undefined;
  /** Milliseconds on the wall, until all that was started was done. */
  readonly wallMs: number;
  /** A table for people. */
  toString(): string;
}

/**
 * Runs `body` (a training step, a few of them) and tells which kernels ran on the backend: how often, how long, how many
 * bytes and floating-point operations. Kernels are timed one by one, so the whole takes longer than usual: call what is
 * profiled once before, or compiling is part of `wallMs`. On a GPU the times need timestamp queries.
 *
 * `backend`: default the default backend. Throws where the backend does not profile.
 */
export async function profile(body: () => unknown, backend: Backend = getDefaultBackend()): Promise<Profile> {
  if (backend.profile === undefined) throw new KindlingError(`profile: backend '${backend.name}' does not profile`);
  const stop = await backend.profile();
  const start = performance.now();
  let kernels: readonly KernelProfile[];
  let wallMs: number;
  try {
    await body();
    await backend.finished();
    wallMs = performance.now() - start;
  } finally {
    kernels = await stop();
  }
  const sorted = [...kernels].sort((a, b) => (b.ms ?? b.bytes) - (a.ms ?? a.bytes));
  const kernelMs = sorted.some(({ ms }) => ms === undefined) ? undefined : sorted.reduce((sum, k) => sum + k.ms!, 0);
  return { kernels: sorted, kernelMs, wallMs, toString: () => table(sorted, kernelMs, wallMs) };
}

function table(kernels: readonly KernelProfile[], kernelMs: number | undefined, wallMs: number): string {
  const perSecond = (amount: number, ms: number | undefined): string =>
    ms === undefined || ms === 0 ? '–' : (amount / ms / 1e6).toFixed(1);
  const rows = kernels.map(({ name, runs, ms, bytes, flop }) => [
    name,
    String(runs),
    ms === undefined ? '–' : ms.toFixed(3),
    ms === undefined || !kernelMs ? '–' : `${((100 * ms) / kernelMs).toFixed(0)} %`,
    String(bytes),
    perSecond(bytes, ms),
    String(flop),
    perSecond(flop, ms),
  ]);
  const all = [['kernel', 'runs', 'ms', 'of all', 'bytes', 'GB/s', 'FLOP', 'GFLOP/s'], ...rows];
  const widths = all[0].map((_, c) => Math.max(...all.map((row) => row[c].length)));
  const lines = all.map((row) => row.map((cell, c) => (c === 0 ? cell.padEnd(widths[c]) : cell.padStart(widths[c]))).join('  ')); // prettier-ignore
  return `${lines.join('\n')}\n${kernelMs === undefined ? '' : `kernels ${kernelMs.toFixed(3)} ms, `}wall ${wallMs.toFixed(3)} ms`;
}
