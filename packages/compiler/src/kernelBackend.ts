import { type Backend, deviceBytes, type DType, type Executable, type Graph, hostArray, type KernelProfile, isMemory, KindlingError, type Memory, namesApart, showShape, sizeOf, type TypedArray } from '@kindling/core'; // prettier-ignore
import type { Device, Launch, Recording } from './device.js';
import { toDevice, toHost } from './hostBytes.js';
import type { Kernel } from './ir.js';
import { kernelKey } from './kernelKey.js';
import { type LateResult, LateResults } from './lateResult.js';
import type { Profiler } from './profiler.js';
import { type Place, type Plan, planGraph } from './plan.js';
import { type Float16Bits, float16Bits } from './reference/float16.js';

/** One fault cell: whether there was one, the index, its limit. */
const faultBytes = 12;

/** What only people look at is loaded when they ask for it. */
const forPeople = () => import('./forPeople.js');

/** What only some devices need. */
interface Extras<B> {
  /** For devices that cannot read at once. */
  readonly late?: LateResults<B>;
  /** For devices that have float16. */
  readonly float16?: Float16Bits;
}

/** Lifts a device that runs kernels to a backend that computes graphs. */
export function kernelBackend<B, X>(device: Device<B, X>): Backend {
  return new KernelBackend(device, { late: new LateResults(), float16: float16Bits });
}

/** `kernelBackend` for a device that reads at once and has no float16: bundles of it are smaller. */
export function synchronousBackend<B, X>(device: Device<B, X> & Required<Pick<Device<B, X>, 'readSync'>>): Backend {
  return new KernelBackend(device, {});
}

class KernelBackend<B, X> implements Backend {
  readonly name: string;
  readonly detail: string | undefined;
  readonly dtypes: ReadonlySet<DType>;
  readonly #device: Device<B, X>;
  readonly #kernels = new Map<string, X>();
  readonly workspace: Workspace<B>;
  readonly faults: B;
  #closed = false;
  #profiler: Profiler<B, X> | undefined;
  /** Whether something was run since the faults were last looked at that can have one. */
  #mayHaveFaults = false;

  constructor(
    device: Device<B, X>,
    readonly extras: Extras<B>,
  ) {
    this.#device = device;
    this.name = device.name;
    this.detail = device.detail;
    this.dtypes = new Set(device.dtypes);
    this.workspace = new Workspace(device);
    this.faults = device.allocate(faultBytes);
    device.write(this.faults, 0, new Uint8Array(faultBytes));
  }

  get device(): Device<B, X> {
    if (this.#closed) throw new KindlingError(`backend '${this.name}' is closed; open a new one`);
    return this.#device;
  }

  allocate(shape: readonly number[], dtype: DType): DeviceMemory<B> {
    const bytes = sizeOf(shape) * deviceBytes(dtype);
    if (bytes > this.device.limits.maxBufferBytes)
      throw new KindlingError(
        `backend '${this.name}': a tensor of shape ${showShape(shape)} takes ${bytes} bytes, and a buffer has at most ` +
          `${this.device.limits.maxBufferBytes}; use smaller batches or layers`,
      );
    return new DeviceMemory(this, this.device, this.device.allocate(bytes), shape, dtype);
  }

  /** Memory for what goes to the host of a device that reads later. */
  result(shape: readonly number[], dtype: DType): LateResult<B> {
    return this.extras.late!.result(this, this.device, shape, dtype, this.extras.float16);
  }

  write(memory: Memory, data: TypedArray): void {
    if (data.length > 0) this.device.write(this.bufferOf(memory), 0, toDevice(data, memory.dtype, this.extras.float16));
  }

  bufferOf(memory: Memory): B {
    if (memory.backend !== this) {
      const [there, here] = namesApart(memory.backend, this);
      throw new KindlingError(`memory of backend ${there} was given to ${here}; move it with to(backend)`);
    }
    return (memory as DeviceMemory<B> | LateResult<B>).buffer;
  }

  compileKernel(kernel: Kernel): X {
    const key = kernelKey(kernel);
    let executable = this.#kernels.get(key);
    if (executable === undefined) {
      executable = this.device.compile(kernel);
      if (this.#kernels.size >= 4000) this.#kernels.delete(this.#kernels.keys().next().value!);
      this.#kernels.set(key, executable);
    }
    return executable;
  }

  prepare(graph: Graph): Executable {
    const separateResults = this.device.readSync === undefined;
    const plan = planGraph(graph, { ...this.device.limits, separateResults });
    return new Program(this, graph, plan);
  }

  check(): void {
    if (this.#device.readSync === undefined) return;
    this.raise(this.#device.readSync(this.faults, 0, faultBytes));
  }
  ranWithFaults(): void {
    this.#mayHaveFaults = true;
  }
  /** `check` of devices that read later: together with what is read. */
  async checkLater(): Promise<void> {
    if (!this.#mayHaveFaults) return;
    this.#mayHaveFaults = false;
    this.raise(await this.#device.read(this.faults, 0, faultBytes));
  }
  /** Throws if the fault cell is set, and clears it. */
  raise(cell: Uint8Array): void {
    const [isSet, index, limit] = new Int32Array(cell.slice().buffer);
    if (isSet === 0) return;
    this.#device.write(this.faults, 0, new Uint8Array(faultBytes));
    const what = limit > 0 ? `index ${index} is out of range [0, ${limit})` : 'an index is out of range';
    throw new KindlingError(
      `gather or scatter: ${what}; it was clamped. A class index must be less than the number of classes, a row index ` +
        `less than the number of rows`,
    );
  }

  /** While somebody profiles. */
  get profiler(): Profiler<B, X> | undefined {
    return this.#profiler;
  }
  async profile(): Promise<() => Promise<readonly KernelProfile[]>> {
    const { Profiler } = await forPeople();
    if (this.#profiler !== undefined) throw new KindlingError(`backend '${this.name}' is being profiled already`);
    const profiler = (this.#profiler = new Profiler(this.device));
    return () => {
      this.#profiler = undefined;
      return profiler.result();
    };
  }

  async finished(): Promise<void> {
    await this.#device.finished();
  }
  async close(): Promise<void> {
    if (this.#closed) return;
    this.#closed = true;
    await this.#device.close();
  }
}

class DeviceMemory<B> implements Memory {
  #freed = false;
  constructor(
    readonly backend: KernelBackend<B, unknown>,
    readonly device: Device<B>,
    readonly buffer: B,
    readonly shape: readonly number[],
    readonly dtype: DType,
  ) {
    if (device.readSync !== undefined) this.readSync = () => this.#readSync();
  }
  readSync?: () => TypedArray;

  get #bytes(): number {
    return sizeOf(this.shape) * deviceBytes(this.dtype);
  }
  #host(bytes: Uint8Array): TypedArray {
    return toHost(bytes, this.dtype, sizeOf(this.shape), this.backend.extras.float16);
  }
  #readSync(): TypedArray {
    return this.#host(this.device.readSync!(this.buffer, 0, this.#bytes));
  }
  #read(): Promise<Uint8Array> {
    return (
      this.backend.extras.late?.read(this.backend, this.buffer, this.#bytes) ??
      this.device.read(this.buffer, 0, this.#bytes)
    );
  }
  async read(): Promise<TypedArray> {
    const [bytes] = await Promise.all([this.#read(), this.backend.checkLater()]);
    return this.#host(bytes);
  }
  free(): void {
    if (this.#freed) return;
    this.#freed = true;
    this.device.free(this.buffer);
  }
}

/** Memory for what lives only while a program runs. Programs run one after another and share it. */
class Workspace<B> {
  /** Changes when a block has been replaced: who remembers buffers must ask again. */
  version = 0;
  readonly #device: Device<B>;
  readonly blocks: ({ bytes: number; buffer: B } | undefined)[] = [];

  constructor(device: Device<B>) {
    this.#device = device;
  }

  /** Buffers of at least these sizes. */
  take(sizes: readonly number[]): B[] {
    // the largest piece gets the largest block, so that programs agree on the blocks
    const order = sizes.map((_, i) => i).sort((a, b) => sizes[b] - sizes[a]);
    const out: B[] = [];
    order.forEach((i, rank) => {
      let block = this.blocks[rank];
      if (block === undefined || block.bytes < sizes[i]) {
        if (block !== undefined) {
          this.#device.free(block.buffer);
          this.blocks[rank] = undefined; // or it would be used if there is no memory for the next
          this.version += 1;
        }
        const bytes = Math.max(sizes[i], Math.min(roundUp(sizes[i]), this.#device.limits.maxBufferBytes));
        this.blocks[rank] = block = { bytes, buffer: this.#device.allocate(bytes) };
      }
      out[i] = block.buffer;
    });
    return out;
  }
}

/** A little more than asked, so that slightly different programs share blocks. */
function roundUp(bytes: number): number {
  const step = 2 ** Math.max(6, Math.floor(Math.log2(Math.max(1, bytes))) - 3);
  return Math.ceil(bytes / step) * step;
}

/** Those of programs that nobody has any more: core keeps as many as are used. */
const recordings = new FinalizationRegistry<Recording>((recording) => {
  recording.free?.();
});

class Program<B, X> implements Executable {
  readonly #backend: KernelBackend<B, X>;
  readonly #graph: Graph;
  readonly #plan: Plan;
  readonly #kernels: readonly X[];
  readonly #places: readonly (readonly Place[])[];
  /** The numbers of all launches: lengths stay, scalars are filled in at each run. */
  readonly #scalars: Float64Array;
  readonly #fill: readonly (readonly [position: number, slot: number])[] = [];
  readonly #ranges: readonly { readonly from: number; readonly count: number }[];
  #work: readonly B[] = [];
  #workVersion = -1;
  #recording: { readonly buffers: B[]; readonly recording: Recording<B> } | undefined;

  constructor(backend: KernelBackend<B, X>, graph: Graph, plan: Plan) {
    this.#backend = backend;
    this.#graph = graph;
    this.#plan = plan;
    this.#kernels = plan.steps.map((s) => backend.compileKernel(s.kernel));
    this.#places = plan.steps.map((s) => s.segments.flatMap((segment) => segment.places));
    const numbers: number[] = [];
    const fill: [number, number][] = [];
    this.#ranges = plan.steps.map(({ kernel, segments }) => {
      const from = numbers.length;
      for (const segment of segments) {
        if (kernel.segmented) numbers.push(segment.length);
        for (const slot of segment.scalarSlots) {
          fill.push([numbers.length, slot]);
          numbers.push(0);
        }
      }
      return { from, count: numbers.length - from };
    });
    this.#scalars = Float64Array.from(numbers);
    this.#fill = fill;
  }

  run(
    inputs: readonly (TypedArray | Memory)[],
    scalars: Float64Array,
    outputs: readonly (Memory | undefined)[],
  ): (TypedArray | Memory | undefined)[] {
    const backend = this.#backend;
    const { device, workspace } = backend;
    const plan = this.#plan;
    if (this.#workVersion !== workspace.version || this.#work.length !== plan.work.length) {
      this.#work = workspace.take(plan.work);
      this.#workVersion = workspace.version;
    }
    const work = this.#work;
    const inputBuffers = inputs.map((input, i): B | undefined => {
      if (isMemory(input)) return backend.bufferOf(input);
      const slot = plan.uploads[i];
      if (slot === undefined) return undefined; // not needed
      if (input.length > 0)
        device.write(
          work[slot],
          0,
          toDevice(input, this.#graph.nodes[this.#graph.inputs[i]].dtype, backend.extras.float16),
        );
      return work[slot];
    });
    // on devices that read later, what the host gets must outlive the next run
    const results = plan.results.map((place, j) => {
      if (place === undefined || device.readSync !== undefined) return undefined;
      const { shape, dtype } = this.#graph.nodes[this.#graph.outputs[j].node];
      return backend.result(shape, dtype);
    });
    const resultOf = new Map<number, B>();
    plan.results.forEach((place, j) => {
      if (results[j] !== undefined && place?.kind === 'work') resultOf.set(place.slot, results[j].buffer);
    });
    const outputBuffers = outputs.map((m) => (m === undefined ? undefined : backend.bufferOf(m)));
    const bufferAt = (place: Place): B => {
      switch (place.kind) {
        case 'input':
          return inputBuffers[place.slot]!;
        case 'output':
          return outputBuffers[place.slot]!;
        case 'work':
          return resultOf.get(place.slot) ?? work[place.slot];
        case 'fault':
          return backend.faults;
      }
    };
    if (plan.hasFaults) backend.ranWithFaults();
    const numbers = this.#scalars;
    for (const [position, slot] of this.#fill) numbers[position] = scalars[slot]!;

    if (backend.profiler !== undefined) backend.profiler.run(this.#launches(bufferAt), this.#profiled(), numbers);
    else if (device.record !== undefined) this.#replay(device, bufferAt, numbers);
    else
      this.#kernels.forEach((kernel, i) => {
        const { from, count } = this.#ranges[i];
        device.run(kernel, this.#places[i].map(bufferAt), numbers.subarray(from, from + count));
      });

    return plan.results.map((place, j) => {
      const output = this.#graph.outputs[j];
      if (output.to !== 'host') return undefined;
      const { shape, dtype } = this.#graph.nodes[output.node];
      const size = sizeOf(shape);
      if (size === 0) return hostArray(dtype, 0);
      if (device.readSync !== undefined)
        return toHost(
          device.readSync(bufferAt(place!), 0, size * deviceBytes(dtype)),
          dtype,
          size,
          backend.extras.float16,
        );
      return results[j]!.computed();
    });
  }

  /** Runs the recorded launches, with the buffers that there are now. */
  #replay(device: Device<B, X>, bufferAt: (place: Place) => B, numbers: Float64Array): void {
    if (!this.#replaceBuffers(bufferAt)) {
      const old = this.#recording?.recording;
      this.#recording = undefined;
      if (old !== undefined) {
        recordings.unregister(this);
        old.free?.();
      }
      const buffers = this.#places.flatMap((places) => places.map(bufferAt));
      const recording = device.record!(this.#launches(bufferAt));
      this.#recording = { buffers, recording };
      recordings.register(this, recording, this);
    }
    this.#recording!.recording.run(numbers);
  }

  /** Whether there is a recording and it has these buffers now. */
  #replaceBuffers(bufferAt: (place: Place) => B): boolean {
    if (this.#recording === undefined) return false;
    const { buffers, recording } = this.#recording;
    let i = 0;
    for (const places of this.#places)
      for (const place of places) {
        const buffer = bufferAt(place);
        if (buffers[i] !== buffer) {
          if (recording.replace === undefined) return false;
          recording.replace(i, buffer);
          buffers[i] = buffer;
        }
        i += 1;
      }
    return true;
  }

  #launches(bufferAt: (place: Place) => B): Launch<B, X>[] {
    return this.#kernels.map((executable, i) => ({
      executable,
      buffers: this.#places[i].map(bufferAt),
      scalars: this.#ranges[i],
    }));
  }

  /** What the launches are, for a profile. */
  #profiled(): { kernel: Kernel; lengths: number[] }[] {
    return this.#plan.steps.map(({ kernel, segments }) => ({ kernel, lengths: segments.map(({ length }) => length) }));
  }

  async explain(): Promise<string> {
    const { device } = this.#backend;
    const { explainPlan } = await forPeople();
    return explainPlan(this.#plan, (i) => device.source?.(this.#kernels[i]));
  }
}
