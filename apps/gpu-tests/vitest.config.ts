import { defineConfig, mergeConfig } from 'vitest/config';
import root from '../../vitest.config.js';

/** Runs the suites on WebGPU: Dawn in Node. `setup.sh` installs a driver where there is no GPU. */
export default mergeConfig(
  { ...root, test: undefined },
  defineConfig({
    test: {
      include: ['src/**/*.test.ts'],
      reporters: ['default', '../../scripts/plain-reporter.mjs'],
      name: 'webgpu in Node',
      setupFiles: ['./src/nodeGpu.ts'],
      testTimeout: 120_000,
      // the processes share one software adapter: side by side they would only wait for each other
      fileParallelism: false,
    },
  }),
);
