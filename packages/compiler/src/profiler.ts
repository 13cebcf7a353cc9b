import type { KernelProfile } from '@kindling/core';
import { describe } from './describe.js';
import type { Device, Launch } from './device.js';
import type { Kernel } from './ir.js';
import { workOf } from './work.js';

interface Entry {
  readonly name: string;
  runs: number;
  bytes: number;
  flop: number;
  /** Undefined once a run could not be timed. */
  ms: number | undefined;
}

/** Notes launches while somebody profiles: how often each kernel ran, its work, and its time where that is known. */
export class Profiler<B, X> {
  readonly #device: Device<B, X>;
  readonly #entries = new Map<string, Entry>();
  readonly #pending: Promise<void>[] = [];

  constructor(device: Device<B, X>) {
    this.#device = device;
  }

  /** Runs the launches of a program; `kernels` says what each is, with the lengths of its segments. */
  run(
    launches: readonly Launch<B, X>[],
    kernels: readonly { readonly kernel: Kernel; readonly lengths: readonly number[] }[],
    scalars: Float64Array,
  ): void {
    const device = this.#device;
    const entries = kernels.map(({ kernel, lengths }) => this.#entry(kernel, lengths));
    if (device.time !== undefined) {
      this.#pending.push(device.time(launches, scalars).then((times) => times.forEach((ms, i) => add(entries[i], ms))));
      return;
    }
    // a device that reads at once has done what it was told when `run` returns
    const isSynchronous = device.readSync !== undefined;
    launches.forEach(({ executable, buffers, scalars: { from, count } }, i) => {
      const start = performance.now();
      device.run(executable, buffers, scalars.subarray(from, from + count));
      add(entries[i], isSynchronous ? performance.now() - start : undefined);
    });
  }

  #entry(kernel: Kernel, lengths: readonly number[]): Entry {
    const name = describe(kernel, lengths);
    const { bytes, flop } = workOf(kernel, lengths);
    const key = `${name} ${bytes} ${flop}`;
    let entry = this.#entries.get(key);
    if (entry === undefined) this.#entries.set(key, (entry = { name, runs: 0, bytes: 0, flop: 0, ms: 0 }));
    entry.runs += 1;
    entry.bytes += bytes;
    entry.flop += flop;
    return entry;
  }

  async result(): Promise<readonly KernelProfile[]> {
    await Promise.all(this.#pending);
    return [...this.#entries.values()];
  }
}

function add(entry: Entry, ms: number | undefined): void {
  entry.ms = entry.ms === undefined || ms === undefined ? undefined : entry.ms + ms;
}
