import { isWebgpuAvailable } from '@kindling/webgpu-backend';
import {
  webgpuDevice,
  type WebgpuDevice,
  type WebgpuDeviceOptions,
} from '../../../packages/webgpu-backend/src/device.js';
import { requestGpu } from '../../../packages/webgpu-backend/src/requestGpu.js';
import { describe, test } from 'vitest';

const available = await isWebgpuAvailable();

/** Tests that need an adapter. Without one a line says so; see CONTRIBUTING.md on skipped tests. */
export function gpuSuite(name: string, suite: () => void): void {
  if (available) describe(name, suite);
  else test(name, ({ skip }) => skip('needs webgpu: there is no adapter'));
}

/** A device of its own, as the backend asks for it. */
export async function openDevice(
  options: WebgpuDeviceOptions = {},
): Promise<{ readonly device: WebgpuDevice; readonly gpu: GPUDevice }> {
  const gpu = await requestGpu({ powerPreference: 'default' });
  return { device: webgpuDevice(gpu, options), gpu };
}
