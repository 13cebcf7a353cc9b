import { existsSync } from 'node:fs';
import { playwright } from '@vitest/browser-playwright';
import { defineConfig } from 'vitest/config';
import root from '../../vitest.config.ts';

// WebGPU in Node (Dawn) and in headless Chromium. Where there is no GPU, `setup.sh` installs what plays one.
const executablePath = process.env.CHROMIUM ?? '/usr/bin/chromium';
const env = Object.fromEntries(['KINDLING_REQUIRE', 'RUNS', 'SEED'].map((name) => [name, process.env[name] ?? '']));
const required = env.KINDLING_REQUIRE.includes('webgpu');
// of what setup.sh installs, Node's adapter is asked for by the tests themselves
const withChromium = existsSync(executablePath) || required;
if (!withChromium) console.log(`skipped: the tests in Chromium, since there is no ${executablePath}`);

const shared = {
  env,
  testTimeout: 300_000,
  hookTimeout: 60_000,
};
const node = {
  extends: true,
  test: { ...shared, name: 'node', include: ['src/**/*.test.ts'], setupFiles: ['./src/nodeGpu.ts'], fileParallelism: false }, // prettier-ignore
};
const chromium = {
  extends: true,
  test: {
    ...shared,
    name: 'chromium',
    // the others read files
    include: ['src/{functions,randomKernels,device,training}.test.ts'],
    fileParallelism: false,
    browser: {
      enabled: true,
      headless: true,
      screenshotFailures: false,
      provider: playwright({
        launchOptions: {
          executablePath,
          args: ['--enable-unsafe-webgpu', '--no-sandbox', '--disable-quic', '--no-first-run', '--disable-background-networking', '--disable-component-update', '--disable-sync'], // prettier-ignore
        },
      }),
      instances: [{ browser: 'chromium' }],
    },
  },
};

export default defineConfig({
  resolve: root.resolve,
  server: { fs: { allow: ['../..'] } },
  test: {
    reporters: ['default', '../../scripts/plain-reporter.mjs'],
    projects: withChromium ? [node, chromium] : [node],
  },
});
