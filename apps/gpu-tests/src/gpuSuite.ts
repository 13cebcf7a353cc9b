import { isWebgpuAvailable } from '@kindling/webgpu-backend';
import {
  webgpuDevice,
  type WebgpuDevice,
  type WebgpuDeviceOptions,
} from '../../../packages/webgpu-backend/src/device.js';
import { describe, expect, test } from 'vitest';
import { environment } from './environment.js';

const required = environment('KINDLING_REQUIRE').includes('webgpu');
const available = await isWebgpuAvailable();

/** Tests that need an adapter. Without one they are skipped, or fail where it is required. */
export function gpuSuite(name: string, suite: () => void): void {
  if (!available && required) test(`${name}: an adapter`, () => expect.fail('there is no WebGPU adapter'));
  describe.skipIf(!available)(name, suite);
}

/** A device of its own, as the backend asks for it. */
export async function openDevice(
  options: WebgpuDeviceOptions = {},
): Promise<{ readonly device: WebgpuDevice; readonly gpu: GPUDevice }> {
  const adapter = (await navigator.gpu.requestAdapter())!;
  const { limits } = adapter;
  const gpu = await adapter.requestDevice({
    requiredLimits: {
      maxStorageBuffersPerShaderStage: limits.maxStorageBuffersPerShaderStage,
      maxStorageBufferBindingSize: limits.maxStorageBufferBindingSize,
    },
  });
  return { device: webgpuDevice(gpu, options), gpu };
}
