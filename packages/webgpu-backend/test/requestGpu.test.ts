import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setDefaultBackend, tensor } from '@kindling/core';
import { afterEach, describe, expect, it, onTestFinished, vi } from 'vitest';
import { isWebgpuAvailable, webgpu } from '../src/index.js';

// What there is of WebGPU is played by an object: the suites on real devices are in apps/gpu-tests.
const withGpu = (gpu: unknown): void => void vi.stubGlobal('navigator', { gpu });
const limits = { maxStorageBuffersPerShaderStage: 10, maxStorageBufferBindingSize: 2 ** 27 };
const adapter = (requestDevice: () => Promise<unknown>): unknown => ({
  limits,
  features: new Set<string>(),
  info: { vendor: 'acme', architecture: 'm1', description: '' },
  requestDevice,
});

describe('where there is no GPU to be had, an error says why and what to do', () => {
  afterEach(() => {
    vi.unstubAllGlobals();
    setDefaultBackend(undefined);
  });

  it('in Node without the package', async () => {
    withGpu(undefined);
    // it is installed for the GPU suites only, elsewhere
    await expect(webgpu()).rejects.toThrow(
      'webgpu: Node has no WebGPU by itself: install it with `npm install webgpu`',
    );
    expect(await isWebgpuAvailable()).toBe(false);
  });
  it('in Node where the package is broken', async () => {
    withGpu(undefined);
    runFromProject('throw new Error("no library for this system");');
    await expect(webgpu()).rejects.toThrow("'webgpu' is there but does not load: no library for this system");
    expect(await isWebgpuAvailable()).toBe(false);
  });
  it('in a browser without WebGPU, or on a page that is not secure', async () => {
    withGpu(undefined);
    vi.stubGlobal('process', { versions: {} });
    await expect(webgpu()).rejects.toThrow(/this browser has no WebGPU.*https.*localhost.*'@kindling\/cpu-backend'/);
    expect(await isWebgpuAvailable()).toBe(false);
  });
  it('without an adapter', async () => {
    withGpu({ requestAdapter: () => Promise.resolve(null) });
    await expect(webgpu()).rejects.toThrow(/no adapter.*hardware acceleration.*Vulkan, Metal or Direct3D/);
    expect(await isWebgpuAvailable()).toBe(false);
  });
  it('where the adapter gives no device', async () => {
    const refuse = () => Promise.reject(new Error('the adapter is consumed'));
    withGpu({ requestAdapter: () => Promise.resolve(adapter(refuse)) });
    await expect(webgpu()).rejects.toThrow("webgpu: the adapter 'acme m1' gave no device: the adapter is consumed");
  });
  it('asks for the adapter that was wanted', async () => {
    const asked: unknown[] = [];
    withGpu({ requestAdapter: (options: unknown) => (asked.push(options), Promise.resolve(null)) });
    await expect(webgpu({ powerPreference: 'low-power' })).rejects.toThrow();
    await expect(webgpu()).rejects.toThrow();
    expect(asked).toEqual([{ powerPreference: 'low-power' }, {}]);
    await expect(webgpu({ powerPreference: 'some' as never })).rejects.toThrow(/powerPreference/);
  });
});

it("in Node the package is found in the project that runs, and not only beside the backend's", async () => {
  withGpu(undefined);
  onTestFinished(() => void vi.unstubAllGlobals());
  expect(await isWebgpuAvailable()).toBe(false);
  runFromProject('export const create = () => ({ requestAdapter: async () => ({}) });');
  expect(await isWebgpuAvailable()).toBe(true);
});

/** Until the end of the test, the process seems to run in a project with this package 'webgpu'. */
function runFromProject(index: string): void {
  const project = mkdtempSync(join(tmpdir(), 'kindling-webgpu-'));
  const installed = join(project, 'node_modules/webgpu');
  mkdirSync(installed, { recursive: true });
  writeFileSync(join(installed, 'package.json'), '{ "name": "webgpu", "type": "module", "main": "index.js" }');
  writeFileSync(join(installed, 'index.js'), index);
  const cwd = vi.spyOn(process, 'cwd').mockReturnValue(project);
  onTestFinished(() => {
    cwd.mockRestore();
    rmSync(project, { recursive: true });
  });
}

describe('what a device has not', () => {
  it('is an error that names it', async () => {
    const backend = {
      name: 'webgpu',
      dtypes: new Set(['float32', 'int32', 'uint32', 'bool']),
      prepare: () => expect.unreachable(),
    };
    setDefaultBackend(backend as never);
    const half = tensor([1, 2], { dtype: 'float16' });
    await expect(half.add(half).data()).rejects.toThrow(
      "backend 'webgpu' does not have float16, only float32, int32, uint32, bool; cast with to('float32')",
    );
    setDefaultBackend(undefined);
  });
});

// A machine that must have a GPU runs them as a step of its own.
if (!(process.env['KINDLING_REQUIRE'] ?? '').includes('webgpu'))
  it('computes as the CPU does', ({ skip }) => skip('needs webgpu: npm run test:gpu runs the suites'));
