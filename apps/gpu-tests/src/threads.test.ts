// Threads of the CPU backend in Chromium: in pages as servers send them, with and without isolation. It needs no GPU.
import { existsSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { type Browser, chromium } from 'playwright-core';
import { build, type Rolldown } from 'vite';
import { afterAll, beforeAll, describe, it } from 'vitest';
import root from '../../../vitest.config.js';
import type { Multiply } from './threadsPage.js';

const executablePath = process.env.CHROMIUM ?? '/usr/bin/chromium';
const there = existsSync(executablePath);
/** What isolates a page, so that it may share memory among threads. */
const isolated = { 'Cross-Origin-Opener-Policy': 'same-origin', 'Cross-Origin-Embedder-Policy': 'require-corp' };

let browser: Browser;
let server: Server;
let headers: Record<string, string> = {};
let served: 'all' | 'the first file' = 'all';
/** The files of the bundle that the page has asked for. */
const loaded = new Set<string>();
beforeAll(async () => {
  if (!there) return;
  // as a user's bundler makes files of it
  const entry = new URL('threadsPage.ts', import.meta.url).pathname;
  const built = (await build({
    configFile: false,
    logLevel: 'error',
    resolve: root.resolve ?? {},
    build: { write: false, lib: { entry, formats: ['es'], fileName: 'bundle' }, minify: true },
  })) as Rolldown.RolldownOutput[];
  const files = new Map(
    built[0].output.flatMap((file) => (file.type === 'chunk' ? [[`/${file.fileName}`, file.code]] : [])),
  );
  server = createServer(({ url }, response) => {
    const code = served === 'all' || url === '/bundle.js' ? files.get(url!) : undefined;
    if (code !== undefined) loaded.add(url!);
    response.writeHead(200, { 'Content-Type': code === undefined ? 'text/html' : 'text/javascript', ...headers });
    response.end(code ?? '<!doctype html><title>threads</title><script type="module" src="/bundle.js"></script>');
  });
  await new Promise<void>((ready) => server.listen(0, '127.0.0.1', ready));
  browser = await chromium.launch({ executablePath, args: ['--no-sandbox', '--disable-quic', '--no-first-run'] });
});
afterAll(async () => {
  await browser?.close();
  server?.close();
});

/** Opens a page with these headers, and multiplies matrices there until workers help or time is up. */
async function multiply(given: Record<string, string>, milliseconds: number, files: typeof served = 'all') {
  [headers, served] = [given, files];
  loaded.clear();
  const page = await browser.newPage();
  const errors: string[] = [];
  page.on('pageerror', ({ message }) => errors.push(message));
  try {
    await page.goto(`http://127.0.0.1:${(server.address() as AddressInfo).port}/`);
    const result = await page.evaluate(
      (time) => (globalThis as unknown as { multiply: Multiply }).multiply(time),
      milliseconds,
    );
    return { ...result, errors };
  } finally {
    await page.close();
  }
}

describe('threads in Chromium', { timeout: 60_000 }, () => {
  it('help where the page is cross-origin isolated', async ({ expect, skip }) => {
    skip(!there, `needs chromium: there is no ${executablePath}`);
    const { threads, same, errors } = await multiply(isolated, 20_000);
    expect(errors).toEqual([]);
    expect(threads).toMatchObject({ most: 2, present: 2 });
    expect(threads.helped).toBeGreaterThan(0);
    expect(same).toBe(true);
    expect([...loaded].filter((file) => file.includes('team'))).toHaveLength(1);
  });

  it('are not even loaded where it is not', async ({ expect, skip }) => {
    skip(!there, `needs chromium: there is no ${executablePath}`);
    await multiply({}, 10);
    expect([...loaded]).toEqual(['/bundle.js']);
  });

  it.for<[string, Record<string, string>, typeof served?]>([
    ['is not isolated', {}],
    ['finds no file for them', isolated, 'the first file'],
    ['allows no worker', { ...isolated, 'Content-Security-Policy': "worker-src 'none'" }],
    [
      'allows no code made at run time but WebAssembly',
      { ...isolated, 'Content-Security-Policy': "script-src 'self' 'wasm-unsafe-eval'; worker-src 'self'" },
    ],
    ['wants trusted types', { ...isolated, 'Content-Security-Policy': "require-trusted-types-for 'script'" }],
  ])('are not there where the page %s, and nothing fails', async ([, policy, files], { expect, skip }) => {
    skip(!there, `needs chromium: there is no ${executablePath}`);
    const { threads, same, errors } = await multiply(policy, 1000, files);
    expect(errors).toEqual([]);
    expect(threads).toMatchObject({ present: 1, helped: 0 });
    expect(same).toBe(true);
  });
});
