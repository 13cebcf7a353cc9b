import type { CpuPass } from './compileKernel.js';
import type { Call } from './recording.js';
import { MAX_CHUNKS, MAX_KERNELS } from './walker.js';

/** From how much work on it is shared, in nanoseconds, and until when. */
export interface Sharing {
  /** Steps that take less are left to the main thread. */
  readonly step: number;
  /** Chunks are not made smaller. */
  readonly chunk: number;
  /** Programs with less to share are not shared at all; nor with less than this if the workers sleep. */
  readonly program: number;
  readonly toWake: number;
  /** How much work goes by before each worker is started: a start costs milliseconds. */
  readonly toStart: number;
  /** After so many kernels other workers begin, without those that are used no more. */
  readonly kernels: number;
  /** How many milliseconds won before may be lost again, as when something else has a processor for a moment. */
  readonly credit: number;
  /** After a loss beyond it nothing is shared for so many times that time: threads never cost more than some per cent. */
  readonly pause: number;
}
export const SHARING: Sharing = {
  step: 10_000,
  chunk: 4000,
  program: 20_000,
  toWake: 100_000,
  toStart: 50e6,
  kernels: MAX_KERNELS / 2,
  credit: 20,
  pause: 30,
};

/** One launch. */
export interface CutStep {
  readonly kernel: CpuPass;
  /** The chunks: argument block, and units from, to. */
  readonly parts: readonly (readonly [at: number, from: number, to: number])[];
  /** Whether threads share the chunks; else the main thread does all. */
  readonly isShared: boolean;
  /** Nanoseconds, estimated. */
  readonly time: number;
}

export interface Cut {
  readonly steps: readonly CutStep[];
  /** Nanoseconds, estimated: all of it, and what can be shared. */
  readonly time: number;
  readonly shared: number;
}

/** Calls as steps of chunks, or undefined if they are not worth sharing. */
export function cutProgram(calls: readonly Call[], threads: number, sharing: Sharing): Cut | undefined {
  const steps: CutStep[] = [];
  let time = 0;
  let shared = 0;
  for (let i = 0; i < calls.length;) {
    const { executable, pass } = calls[i];
    const from = i;
    while (i < calls.length && calls[i].pass === pass) i++;
    const step = cutStep(executable, calls.slice(from, i), threads, sharing);
    steps.push(step);
    time += step.time;
    if (step.isShared) shared += step.time;
  }
  const fits = steps.length <= MAX_KERNELS - sharing.kernels;
  return fits && shared > 0 && shared >= sharing.program ? { steps, time, shared } : undefined;
}

function cutStep(kernel: CpuPass, calls: readonly Call[], threads: number, sharing: Sharing): CutStep {
  const units = calls.reduce((sum, { extent }) => sum + extent, 0);
  const time = units * kernel.time.unit;
  const most = Math.min(4 * threads, time / sharing.chunk, Math.max(threads, (0.05 * time) / kernel.time.call));
  // as many for each thread
  const chunks = most > threads ? most - (most % threads) : Math.floor(most);
  const isWorthIt = kernel.divisible && time >= sharing.step && chunks > 1;
  const unit = kernel.kernel.segmented ? 1024 : 1;
  const parts = calls.flatMap(({ at, extent }) => {
    const pieces = isWorthIt
      ? Math.max(1, Math.min(Math.ceil(extent / unit), Math.round((chunks * extent) / units)))
      : 1;
    const begin = (p: number) => Math.min(extent, Math.ceil((p * extent) / pieces / unit) * unit);
    return Array.from({ length: pieces }, (_, p) => [at, begin(p), p + 1 === pieces ? extent : begin(p + 1)] as const);
  });
  return { kernel, parts, isShared: isWorthIt && parts.length > 1 && parts.length <= MAX_CHUNKS, time };
}
