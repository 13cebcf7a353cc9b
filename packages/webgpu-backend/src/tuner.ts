import type { Access, Kernel } from '@kindling/compiler';
import { deviceBytes } from '@kindling/compiler';
import type { BufferPool, GpuBuffer } from './bufferPool.js';
import type { GpuKernel } from './gpuKernel.js';
import type { GpuRecording } from './recording.js';
import type { Revision } from './revision.js';
import { candidateTiles, type ContractTiles } from './wgsl/contractTiles.js';
import { emitKernel } from './wgsl/emitKernel.js';
import type { Program, ShaderLimits } from './wgsl/stage.js';

/**
 * What was found fastest, by device and contraction: plain data, to keep as JSON and to give to `webgpu` again. A backend
 * that tunes adds to it.
 */
export type Tuned = Record<string, ContractTiles>;

/** Runs of one candidate that are measured together, and how often. */
const RUNS = 8;
const ROUNDS = 3;

export interface TunerParts {
  readonly gpu: GPUDevice;
  readonly pool: BufferPool;
  readonly revision: Revision;
  readonly limits: ShaderLimits;
  readonly kernelOf: (kernel: Kernel, program: Program) => GpuKernel;
  readonly record: (kernel: GpuKernel, buffers: readonly GpuBuffer[], scalars: number) => GpuRecording;
}

/**
 * Finds the fastest tiles of contractions by running them: one after another in the background, while programs go on with
 * the tiles that shape and device suggest.
 */
export class Tuner {
  readonly #parts: TunerParts;
  readonly #tuned: Tuned;
  #last: Promise<void> = Promise.resolve();
  #closed = false;

  constructor(parts: TunerParts, tuned: Tuned) {
    this.#parts = parts;
    this.#tuned = tuned;
  }

  /** The tiles that were found for such a kernel on such a device. */
  known(kernel: Kernel): ContractTiles | undefined {
    return this.#tuned[this.#key(kernel)];
  }

  /** Measures forms of the kernel; it uses the fastest from then on. */
  tune(executable: GpuKernel): void {
    this.#last = this.#last.then(async () => {
      if (this.#closed) return;
      const { kernel } = executable;
      const { limits, revision } = this.#parts;
      const best = this.known(kernel) ?? (await this.#fastest(kernel));
      if (best === undefined || this.#closed) return;
      this.#tuned[this.#key(kernel)] = best;
      executable.use(emitKernel(kernel, limits, best));
      revision.value += 1;
    });
  }

  /** Resolves when all that was asked for has been measured. */
  idle(): Promise<void> {
    return this.#last;
  }

  close(): void {
    this.#closed = true;
  }

  #key(kernel: Kernel): string {
    const { vendor, architecture, description } = this.#parts.gpu.adapterInfo;
    return `${[vendor, architecture, description].filter(Boolean).join(' ')} ${hash(JSON.stringify(kernel))}`;
  }

  async #fastest(kernel: Kernel): Promise<ContractTiles | undefined> {
    const { gpu, pool, limits, kernelOf, record } = this.#parts;
    const buffers = kernel.buffers.map(({ dtype }, b) => pool.allocate(extentOf(kernel, b) * deviceBytes(dtype)));
    const scalars = new Float64Array(kernel.scalars.length);
    try {
      const candidates = candidateTiles(kernel, limits).map((tiles) => ({
        tiles,
        recording: record(kernelOf(kernel, emitKernel(kernel, limits, tiles)), buffers, scalars.length),
        ms: Infinity,
      }));
      for (let round = 0; round <= ROUNDS; round++)
        for (const candidate of candidates) {
          if (this.#closed) return undefined;
          await gpu.queue.onSubmittedWorkDone();
          const start = performance.now();
          for (let run = 0; run < (round === 0 ? 1 : RUNS); run++) candidate.recording.run(scalars);
          await gpu.queue.onSubmittedWorkDone();
          // the first round compiles
          if (round > 0) candidate.ms = Math.min(candidate.ms, performance.now() - start);
        }
      return candidates.reduce((best, candidate) => (candidate.ms < best.ms ? candidate : best)).tiles;
    } catch (error) {
      // a device that goes while it is measured has nothing to tell
      if (this.#closed || (await isLost(gpu))) return undefined;
      throw error;
    } finally {
      if (!this.#closed) for (const buffer of buffers) pool.release(buffer);
    }
  }
}

async function isLost(gpu: GPUDevice): Promise<boolean> {
  return (await Promise.race([gpu.lost, Promise.resolve(undefined)])) !== undefined;
}

/** Elements that a kernel may reach in a buffer. */
function extentOf({ axes, body }: Kernel, buffer: number): number {
  if (body.kind !== 'contract') throw new Error('webgpu: only contractions are tuned');
  const last = ({ index, by, bounds }: Access): number => {
    const reach = index.stride.reduce((sum, s, k) => sum + Math.max(0, s * (axes[k] - 1)), index.base);
    const indirect = (by ?? []).reduce((sum, { stride, limit }) => sum + Math.max(0, stride * (limit - 1)), 0);
    // outside of its bounds an access goes nowhere, but may have an index
    return bounds === undefined ? reach + indirect : Math.max(0, reach + indirect);
  };
  const codes = [body.a.code, body.b.code, body.epilogue.code];
  const accesses = [
    ...codes.flatMap((code) => code.flatMap((inst) => (inst.op === 'load' ? [inst.at] : []))),
    ...body.epilogue.stores.map(({ at }) => at),
  ];
  return accesses.reduce((most, at) => (at.buffer === buffer ? Math.max(most, last(at) + 1) : most), 1) + 4;
}

/** Two different 32-bit hashes of a text, as hexadecimal digits. */
function hash(text: string): string {
  let [a, b] = [0x811c9dc5, 0x9e3779b9];
  for (let i = 0; i < text.length; i++) {
    a = Math.imul(a ^ text.charCodeAt(i), 0x01000193);
    b = Math.imul(b ^ text.charCodeAt(i), 0x85ebca6b) ^ (b >>> 13);
  }
  return [a, b].map((x) => (x >>> 0).toString(16).padStart(8, '0')).join('');
}
