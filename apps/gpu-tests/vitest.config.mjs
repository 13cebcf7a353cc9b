import { Buffer } from 'node:buffer';
import { existsSync } from 'node:fs';
import { playwright } from '@vitest/browser-playwright';
import { defineConfig } from 'vitest/config';
import root from '../../vitest.config.ts';
import { chromiumPath } from './src/chromiumPath.ts';

// WebGPU in Node (Dawn) and in headless Chromium. Where there is no GPU, `setup.sh` installs what plays one.
const env = Object.fromEntries(['RUNS', 'SEED'].map((name) => [name, process.env[name] ?? '']));
// lavapipe would spend most of the time on optimising shaders that run once, for vectors wider than needed
const lavapipe = { GALLIVM_PERF: 'nopt', LP_NATIVE_VECTOR_WIDTH: '128' };
const shared = { testTimeout: 120_000, hookTimeout: 60_000 };

/** A file of the server that a test puts there. */
function heldFile(path) {
  let held = Buffer.alloc(0);
  const answer = async (request, response) => {
    if (request.method === 'PUT') {
      const chunks = [];
      for await (const chunk of request) chunks.push(chunk);
      held = Buffer.concat(chunks);
    }
    response.end(request.method === 'GET' ? held : '');
  };
  return { name: 'held-file', configureServer: ({ middlewares }) => void middlewares.use(path, answer) };
}

const node = {
  extends: true,
  test: {
    ...shared,
    name: 'node',
    env: { ...env, ...lavapipe },
    include: ['src/**/*.test.ts'],
    exclude: ['src/worker.test.ts'], // a worker of a page
    setupFiles: ['./src/nodeGpu.ts'],
    maxWorkers: '100%',
  },
};
const chromium = {
  extends: true,
  plugins: [heldFile('/base.safetensors')],
  test: {
    ...shared,
    name: 'chromium',
    env,
    // its adapter is slow: losses and optimizers run in Node
    include: ['src/{conformance,functions,randomKernels,device,moving,training,worker}.test.ts'],
    alias: [{ find: /^node:fs$/, replacement: new URL('src/browserFiles.ts', import.meta.url).pathname }],
    fileParallelism: false,
    browser: {
      enabled: true,
      headless: true,
      screenshotFailures: false,
      provider: playwright({
        launchOptions: {
          executablePath: chromiumPath,
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
    projects: existsSync(chromiumPath) ? [node, chromium] : [node],
  },
});
