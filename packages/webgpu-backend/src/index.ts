import { kernelBackend } from '@kindling/compiler';
import { type BackendFactory, choice, defineBackend, definePlugin, type Field, type Plugin } from '@kindling/core';
import { webgpuDevice } from './device.js';
import { type GpuOptions, requestGpu } from './requestGpu.js';

export { isWebgpuAvailable } from './requestGpu.js';

/**
 * The GPU: kernels generated at run time as WGSL. Opens with `await webgpu()`, in browsers with WebGPU and in Node with
 * the package 'webgpu'. dtypes: float32, int32, uint32, bool.
 */
export const webgpu: BackendFactory<'webgpu', { powerPreference: Field<GpuOptions['powerPreference']> }> =
  /* @__PURE__ */ defineBackend({
    name: 'webgpu',
    options: {
      powerPreference: choice(['default', 'low-power', 'high-performance'], {
        default: 'default',
        description: 'which adapter to ask for, where there are several',
      }),
    },
    open: async (options) => kernelBackend(webgpuDevice(await requestGpu(options))),
  });

const plugin: Plugin<readonly [typeof webgpu]> = /* @__PURE__ */ definePlugin({
  name: '@kindling/webgpu-backend',
  contract: 1,
  provides: [webgpu],
});
export default plugin;
