import { kernelBackend } from '@kindling/compiler';
import { type BackendFactory, boolean, choice, code, defineBackend, definePlugin, type Field, type Plugin } from '@kindling/core'; // prettier-ignore
import { webgpuDevice } from './device.js';
import { type GpuOptions, requestGpu } from './requestGpu.js';
import type { Tuned } from './tuner.js';

export { isWebgpuAvailable } from './requestGpu.js';
export type { Tuned } from './tuner.js';

interface Options extends Record<string, Field<unknown>> {
  readonly powerPreference: Field<GpuOptions['powerPreference']>;
  readonly tune: Field<boolean>;
  readonly tuned: Field<Tuned | undefined>;
}

/**
 * The GPU: kernels generated at run time as WGSL. Opens with `await webgpu()`, in browsers with WebGPU and in Node with
 * the package 'webgpu'. dtypes: float32, int32, uint32, bool, and float16 where the device has it.
 */
export const webgpu: BackendFactory<'webgpu', Options> = /* @__PURE__ */ defineBackend({
  name: 'webgpu',
  options: {
    powerPreference: choice(['default', 'low-power', 'high-performance'], {
      default: 'default',
      description: 'which adapter to ask for, where there are several',
    }),
    tune: boolean({
      default: false,
      description: 'run several forms of each matrix product when it is first met, and keep the fastest',
    }),
    tuned: code<Tuned | undefined>({
      default: undefined,
      description: 'an object with what was found fastest earlier, as JSON; with tune, more is added to it',
    }),
  },
  open: async ({ powerPreference, ...options }) =>
    kernelBackend(webgpuDevice(await requestGpu({ powerPreference }), options)),
});

const plugin: Plugin<readonly [typeof webgpu]> = /* @__PURE__ */ definePlugin({
  name: '@kindling/webgpu-backend',
  contract: 1,
  provides: [webgpu],
});
export default plugin;
