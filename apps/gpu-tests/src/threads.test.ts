// Threads of the CPU backend in Chromium: in pages as servers send them, with and without isolation. It needs no GPU.
import { existsSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import type * as backend from '@kindling/cpu-backend';
import { type Browser, chromium } from 'playwright-core';
import { build, type Rolldown } from 'vite';
import { afterAll, beforeAll, describe, it } from 'vitest';
import root from '../../../vitest.config.js';

const executablePath = process.env.CHROMIUM ?? '/usr/bin/chromium';
const there = existsSync(executablePath);
/** What isolates a page, so that it may share memory among threads. */
const isolated = { 'Cross-Origin-Opener-Policy': 'same-origin', 'Cross-Origin-Embedder-Policy': 'require-corp' };

let browser: Browser;
let server: Server;
let headers: Record<string, string> = {};
beforeAll(async () => {
  if (!there) return;
  // as a user's bundler makes one file of it
  const entry = new URL('../../../packages/cpu-backend/src/index.ts', import.meta.url).pathname;
  const built = (await build({
    configFile: false,
    logLevel: 'error',
    resolve: root.resolve,
    build: { write: false, lib: { entry, formats: ['es'], fileName: 'bundle' }, minify: true },
  })) as Rolldown.RolldownOutput[];
  const { code } = built[0].output[0];
  server = createServer(({ url }, response) => {
    const isScript = url === '/bundle.js';
    response.writeHead(200, { 'Content-Type': isScript ? 'text/javascript' : 'text/html', ...headers });
    response.end(isScript ? code : '<!doctype html><title>threads</title>');
  });
  await new Promise<void>((ready) => server.listen(0, '127.0.0.1', ready));
  browser = await chromium.launch({ executablePath, args: ['--no-sandbox', '--disable-quic', '--no-first-run'] });
});
afterAll(async () => {
  await browser?.close();
  server?.close();
});

/** Opens a page with these headers, and multiplies matrices there until workers help or a second has passed. */
async function multiply(
  given: Record<string, string>,
): Promise<{ threads: ReturnType<backend.CpuDevice['threads']>; same: boolean; errors: string[] }> {
  headers = given;
  const page = await browser.newPage();
  const errors: string[] = [];
  page.on('pageerror', ({ message }) => errors.push(message));
  try {
    await page.goto(`http://127.0.0.1:${(server.address() as AddressInfo).port}/`);
    const result = await page.evaluate(async () => {
      const { cpuDevice } = (await import(/* @vite-ignore */ String('/bundle.js'))) as typeof backend;
      const size = 128;
      const affine = (...stride: number[]) => ({ base: 0, stride });
      const load = (buffer: number, ...stride: number[]) =>
        ({ op: 'load', at: { buffer, index: affine(...stride) }, dtype: 'float32' }) as const;
      const run = async (device: backend.CpuDevice, enough: () => boolean) => {
        const buffers = Array.from({ length: 3 }, () => device.allocate(4 * size * size));
        const values = Float32Array.from({ length: size * size }, (_, i) => Math.sin(i));
        for (const b of buffers) device.write(b, 0, new Uint8Array(values.buffer));
        const executable = device.compile({
          axes: [size, size, size],
          buffers: (['read', 'read', 'write'] as const).map((use) => ({ dtype: 'float32', use })),
          scalars: [],
          segmented: false,
          body: {
            kind: 'contract',
            batch: [],
            m: [0],
            n: [1],
            k: [2],
            dtype: 'float32',
            a: { code: [load(0, size, 0, 1)], out: 0 },
            b: { code: [load(1, 0, 1, size)], out: 0 },
            epilogue: {
              code: [{ op: 'acc', dtype: 'float32' }],
              stores: [{ at: { buffer: 2, index: affine(size, 1, 0) }, value: 0, mode: 'set' }],
            },
          },
        });
        const recording = device.record!([{ executable, buffers, scalars: { from: 0, count: 0 } }]);
        do {
          recording.run(new Float64Array(0));
          await new Promise((go) => setTimeout(go));
        } while (!enough());
        return Array.from(device.readSync!(buffers[2], 0, 4 * size * size));
      };
      const sharing = { step: 0, chunk: 1, program: 0, toWake: 0, toStart: 0, kernels: 500 };
      const device = cpuDevice({ relaxedSimd: false, threads: 2, sharing });
      const end = performance.now() + (crossOriginIsolated ? 20_000 : 1000);
      const got = await run(device, () => device.threads().helped > 0 || performance.now() > end);
      const want = await run(cpuDevice({ relaxedSimd: false }), () => true);
      const threads = device.threads();
      await device.close();
      return { threads, same: got.every((byte, i) => byte === want[i]) };
    });
    return { ...result, errors };
  } finally {
    await page.close();
  }
}

describe('threads in Chromium', { timeout: 60_000 }, () => {
  it('help where the page is cross-origin isolated', async ({ expect, skip }) => {
    skip(!there, `needs chromium: there is no ${executablePath}`);
    const { threads, same, errors } = await multiply(isolated);
    expect(errors).toEqual([]);
    expect(threads).toMatchObject({ most: 2, present: 2 });
    expect(threads.helped).toBeGreaterThan(0);
    expect(same).toBe(true);
  });

  it.for<[string, Record<string, string>]>([
    ['is not isolated', {}],
    ['allows no worker', { ...isolated, 'Content-Security-Policy': "worker-src 'none'" }],
    [
      'allows no code made at run time but WebAssembly',
      { ...isolated, 'Content-Security-Policy': "script-src 'self' 'wasm-unsafe-eval'; worker-src 'self'" },
    ],
    ['wants trusted types', { ...isolated, 'Content-Security-Policy': "require-trusted-types-for 'script'" }],
  ])('are not there where the page %s, and nothing fails', async ([, policy], { expect, skip }) => {
    skip(!there, `needs chromium: there is no ${executablePath}`);
    const { threads, same, errors } = await multiply(policy);
    expect(errors).toEqual([]);
    expect(threads).toMatchObject({ present: 1, helped: 0 });
    expect(same).toBe(true);
  });
});
