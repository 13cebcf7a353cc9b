import type { Device } from '@kindling/compiler';
import { BufferPool, type GpuBuffer } from './bufferPool.js';
import { bufferUsage } from './flags.js';
import { GpuKernel } from './gpuKernel.js';
import { Health } from './health.js';
import { LaunchMemory } from './launchMemory.js';
import { Pipelines } from './pipelines.js';
import { ReadBack } from './readBack.js';
import { record } from './recording.js';
import type { ShaderLimits } from './wgsl/stage.js';

/** Free memory that is kept for later. */
const KEPT = 2 ** 28;

export interface WebgpuDevice extends Device<GpuBuffer, GpuKernel> {
  /** Bytes of GPU memory taken for buffers, those kept for later included. */
  readonly memory: { readonly bytes: number };
}

export interface WebgpuDeviceOptions {
  /** The form of every contraction, for tests and measurements; otherwise shape and device decide. */
  readonly contractions?: ShaderLimits['contractions'];
}

/** Kernels as WGSL on a GPU device, which it owns from now on. */
export function webgpuDevice(gpu: GPUDevice, options: WebgpuDeviceOptions = {}): WebgpuDevice {
  const { limits } = gpu;
  const health = new Health(gpu);
  const pool = new BufferPool(gpu, bufferUsage.storage | bufferUsage.copySource | bufferUsage.copyTarget, KEPT);
  const readBack = new ReadBack(gpu);
  const pipelines = new Pipelines(gpu);
  const launchMemory = new LaunchMemory(gpu, pipelines);
  const shaderLimits = {
    invocations: Math.min(limits.maxComputeInvocationsPerWorkgroup, limits.maxComputeWorkgroupSizeX),
    sharedBytes: limits.maxComputeWorkgroupStorageSize,
    isSoftware: isSoftware(gpu.adapterInfo),
    contractions: options.contractions,
  };
  return {
    name: 'webgpu',
    dtypes: ['float32', 'int32', 'uint32', 'bool'],
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
    free: (buffer) => pool.release(buffer),
    write: (buffer, offset, bytes) => {
      health.checkAlive();
      gpu.queue.writeBuffer(buffer.gpu, offset, bytes as Uint8Array<ArrayBuffer>);
    },
    read: (buffer, offset, length) => {
      health.checkAlive();
      return health.wait(readBack.read(buffer.gpu, offset, length));
    },
    compile: (kernel) => {
      health.checkAlive();
      return new GpuKernel(kernel, pipelines, shaderLimits);
    },
    run: (executable, buffers, scalars) => {
      health.checkAlive();
      const launch = { executable, buffers, scalars: { from: 0, count: scalars.length } };
      record(gpu, launchMemory, [launch]).run(scalars);
    },
    record: (launches) => {
      const recording = record(gpu, launchMemory, launches);
      return {
        run: (scalars) => {
          health.checkAlive();
          recording.run(scalars);
        },
      };
    },
    source: (executable) => executable.source,
    finished: () => health.wait(gpu.queue.onSubmittedWorkDone()),
    close: async () => {
      health.close();
      pool.close();
      readBack.close();
      launchMemory.close();
      gpu.destroy();
    },
  };
}

function isSoftware({ architecture, description }: GPUAdapterInfo): boolean {
  return architecture === 'software' || /swiftshader|llvmpipe/i.test(`${architecture} ${description}`);
}
