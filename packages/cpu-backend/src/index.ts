import { kernelBackend } from '@kindling/compiler';
import { type BackendFactory, boolean, defineBackend, definePlugin, type Field, type Plugin } from '@kindling/core';
import { cpuDevice } from './device.js';
import { hasRelaxedSimd, requestRelaxedSimd } from './relaxedSimd.js';

export { cpuDevice, type CpuDeviceOptions } from './device.js';

/**
 * The CPU: kernels generated at run time as WebAssembly SIMD. Opens with `await cpu()`; reads can be synchronous.
 * dtypes: float32, float64, int32, uint32, bool.
 */
export const cpu: BackendFactory<'cpu', { relaxedSimd: Field<boolean> }> = /* @__PURE__ */ defineBackend({
  name: 'cpu',
  options: {
    relaxedSimd: boolean({
      default: false,
      description:
        'turn on fused multiply-add on Node 20, where it is behind a flag of the process; engines that have it use it anyway',
    }),
  },
  open: async ({ relaxedSimd }) => {
    if (relaxedSimd) await requestRelaxedSimd();
    return kernelBackend(cpuDevice({ relaxedSimd: hasRelaxedSimd() }));
  },
});

const plugin: Plugin<readonly [typeof cpu]> = /* @__PURE__ */ definePlugin({
  name: '@kindling/cpu-backend',
  contract: 1,
  provides: [cpu],
});
export default plugin;
