import { synchronousBackend } from '@kindling/compiler';
import {
  type BackendFactory,
  boolean,
  defineBackend,
  definePlugin,
  type Field,
  integer,
  type Plugin,
} from '@kindling/core';
import { MAX_WORKERS } from './chooseThreads.js';
import { threadedCpuDevice } from './device.js';
import { hasRelaxedSimd } from './relaxedSimd.js';

export { cpuDevice, type CpuDevice, type CpuDeviceOptions, threadedCpuDevice, type ThreadOptions } from './device.js';
export type { Sharing } from './cutProgram.js';

/**
 * The CPU: kernels generated at run time as WebAssembly SIMD. Opens with `await cpu()`; reads can be synchronous.
 * dtypes: float32, float64, int32, uint32, bool.
 */
export const cpu: BackendFactory<
  'cpu',
  { relaxedSimd: Field<boolean>; revectorize: Field<boolean>; threads: Field<number> }
> = /* @__PURE__ */ defineBackend({
  name: 'cpu',
  options: {
    relaxedSimd: boolean({
      default: false,
      description:
        'turn on fused multiply-add on Node 20, where it is behind a flag of the process; engines that have it use it anyway',
    }),
    revectorize: boolean({
      default: false,
      description:
        'turn on 256-bit operations on Node 24 or newer (x64), with an experimental option of the engine that holds for the whole process',
    }),
    threads: integer({
      default: 0,
      minimum: 0,
      maximum: MAX_WORKERS,
      description:
        'how many threads compute; 0: as many as the machine has, at most 16. In browsers more than one only where the page is cross-origin isolated',
    }),
  },
  open: async ({ relaxedSimd, revectorize, threads }) => {
    if (relaxedSimd && !hasRelaxedSimd()) (await import('./engineOptions.js')).requestRelaxedSimd();
    if (revectorize) (await import('./engineOptions.js')).requestRevectorization();
    return synchronousBackend(await threadedCpuDevice({ relaxedSimd: hasRelaxedSimd(), revectorize, threads }));
  },
});

const plugin: Plugin<readonly [typeof cpu]> = /* @__PURE__ */ definePlugin({
  name: '@kindling/cpu-backend',
  contract: 1,
  provides: [cpu],
});
export default plugin;
