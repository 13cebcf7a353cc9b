import type { Device, Kernel, Launch } from '@kindling/compiler';
import { BufferPool, type GpuBuffer, wholeWords } from './bufferPool.js';
import { bufferUsage } from './flags.js';
import { GpuKernel } from './gpuKernel.js';
import { Health } from './health.js';
import { LaunchMemory } from './launchMemory.js';
import { Pipelines } from './pipelines.js';
import { ReadBack } from './readBack.js';
import { GpuRecording } from './recording.js';
import { nameOf } from './requestGpu.js';
import { Scratch } from './scratch.js';
import { timeLaunches } from './timing.js';
import { type Tuned, Tuner } from './tuner.js';
import { emitKernel } from './wgsl/emitKernel.js';
import type { Program, ShaderLimits } from './wgsl/stage.js';

/** Free memory that is kept for later. */
const KEPT = 2 ** 28;

export interface WebgpuDevice extends Device<GpuBuffer, GpuKernel> {
  /** Bytes of GPU memory taken for buffers, those kept for later included. */
  readonly memory: { readonly bytes: number };
  source(executable: GpuKernel): string;
}

export interface WebgpuDeviceOptions {
  /** Measures forms of each contraction when it is first met, and uses the fastest from then on. */
  readonly tune?: boolean;
  /** What was found fastest earlier; what is found is added to it. */
  readonly tuned?: Tuned | undefined;
  /** The form of every contraction, for tests and measurements; otherwise shape and device decide. */
  readonly contractions?: ShaderLimits['contractions'];
  /** Splits every sum in so many parts, for tests; otherwise shape and device decide. */
  readonly split?: number;
  /** Whether subgroups are used where the device has them; true by default. */
  readonly subgroups?: boolean;
}

/** Kernels as WGSL on a GPU device, which it owns from now on. */
export function webgpuDevice(gpu: GPUDevice, options: WebgpuDeviceOptions = {}): WebgpuDevice {
  const { limits } = gpu;
  const pool = new BufferPool(gpu, bufferUsage.storage | bufferUsage.copySource | bufferUsage.copyTarget, KEPT);
  const readBack = new ReadBack(gpu);
  const pipelines = new Pipelines(gpu);
  const launchMemory = new LaunchMemory(gpu, pipelines);
  const revision = { value: 0 };
  const scratch = new Scratch(pool, revision);
  const health = new Health(gpu, () => {
    pool.doubt();
    scratch.renew();
    readBack.renew();
    launchMemory.renew();
  });
  const record = (launches: readonly Launch<GpuBuffer, GpuKernel>[]) =>
    new GpuRecording(gpu, launchMemory, revision, launches);
  /** Before anything changes GPU memory. */
  const ready = () => {
    health.checkAlive();
    readBack.flush();
  };
  const hasHalves = gpu.features.has('shader-f16');
  const shaderLimits: ShaderLimits = {
    invocations: Math.min(limits.maxComputeInvocationsPerWorkgroup, limits.maxComputeWorkgroupSizeX),
    sharedBytes: limits.maxComputeWorkgroupStorageSize,
    isSoftware: isSoftware(gpu.adapterInfo),
    contractions: options.contractions,
    split: options.split,
    subgroups: options.subgroups === false ? undefined : subgroupsOf(gpu),
  };
  const kernelOf = (kernel: Kernel, program: Program) => new GpuKernel(kernel, program, pipelines, scratch);
  const tuner =
    options.tune || options.tuned !== undefined
      ? new Tuner(
          {
            gpu,
            pool,
            revision,
            limits: shaderLimits,
            kernelOf,
            record: (executable, buffers, count) => record([{ executable, buffers, scalars: { from: 0, count } }]),
          },
          options.tuned ?? {},
        )
      : undefined;
  return {
    name: 'webgpu',
    detail: nameOf(gpu.adapterInfo),
    dtypes: ['float32', ...(hasHalves ? (['float16'] as const) : []), 'int32', 'uint32', 'bool'],
    limits: {
      // indices are 32-bit integers with a sign
      maxBufferBytes: Math.min(limits.maxBufferSize, limits.maxStorageBufferBindingSize, 2 ** 32),
      maxBindings: limits.maxStorageBuffersPerShaderStage,
      vectorWidth: 1,
    },
    memory: pool,
    allocate: (bytes) => {
      health.checkAlive();
      return pool.allocate(bytes);
    },
    free: (buffer) => {
      readBack.flush();
      pool.release(buffer);
    },
    write: (buffer, offset, bytes) => {
      ready();
      const whole = wholeWords(bytes.length);
      // the queue copies into a ring of staging memory of its own, and orders it before what is submitted later
      gpu.queue.writeBuffer(buffer.gpu, offset, (whole === bytes.length ? bytes : padded(bytes, whole)) as Uint8Array<ArrayBuffer>); // prettier-ignore
    },
    read: (buffer, offset, length) => {
      health.checkAlive();
      return health.wait(readBack.read(buffer.gpu, offset, length));
    },
    compile: (kernel) => {
      health.checkAlive();
      const isContract = kernel.body.kind === 'contract';
      const tiles = isContract ? tuner?.known(kernel) : undefined;
      const executable = kernelOf(kernel, emitKernel(kernel, shaderLimits, tiles));
      if (isContract && tiles === undefined && options.tune) tuner?.tune(executable);
      return executable;
    },
    run: (executable, buffers, scalars) => {
      ready();
      const launch = { executable, buffers, scalars: { from: 0, count: scalars.length } };
      record([launch]).run(scalars);
    },
    record: (launches) => {
      const recording = record(launches);
      return {
        run: (scalars) => {
          ready();
          recording.run(scalars);
        },
        replace: (index, buffer) => recording.replace(index, buffer),
      };
    },
    time: (launches, scalars) => {
      ready();
      return health.wait(timeLaunches(gpu, launchMemory, readBack, record(launches), launches.length, scalars));
    },
    source: (executable) => executable.source,
    finished: async () => {
      await tuner?.idle();
      await health.wait(gpu.queue.onSubmittedWorkDone());
    },
    close: async () => {
      health.close();
      tuner?.close();
      pool.close();
      readBack.close();
      launchMemory.close();
      gpu.destroy();
    },
  };
}

function subgroupsOf({ features, adapterInfo }: GPUDevice): ShaderLimits['subgroups'] {
  if (!features.has('subgroups')) return undefined;
  // where an implementation does not say: what the specification allows
  return { least: adapterInfo.subgroupMinSize || 4, most: adapterInfo.subgroupMaxSize || 128 };
}

function padded(bytes: Uint8Array, length: number): Uint8Array {
  const out = new Uint8Array(length);
  out.set(bytes);
  return out;
}

function isSoftware({ architecture, description }: GPUAdapterInfo): boolean {
  return architecture === 'software' || /swiftshader|llvmpipe/i.test(`${architecture} ${description}`);
}
