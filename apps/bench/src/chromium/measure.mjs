import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import { tmpdir } from 'node:os';
import { extname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const types = { '.html': 'text/html', '.js': 'text/javascript' };
const flags = ['--enable-unsafe-webgpu', '--no-sandbox', '--disable-quic', '--no-first-run', '--disable-background-networking', '--disable-component-update', '--disable-sync']; // prettier-ignore

/** `measureOnGpu` on a page of headless Chromium. */
export async function measureInChromium(options, log) {
  const folder = await mkdtemp(join(tmpdir(), 'kindling-bench-'));
  const closing = [() => rm(folder, { recursive: true, force: true })];
  try {
    await bundle(folder);
    const { url, close } = await serve(folder);
    closing.unshift(close);
    const { chromium } = await import('playwright-core');
    const browser = await chromium.launch({
      executablePath: process.env.CHROMIUM ?? '/usr/bin/chromium',
      headless: true,
      args: flags,
    });
    closing.unshift(() => browser.close());
    const page = await browser.newPage();
    page.on('console', (message) => {
      if (message.type() === 'info') log(message.text());
    });
    await page.goto(url);
    await page.waitForFunction('globalThis.measureOnGpu !== undefined');
    const measured = await page.evaluate((given) => globalThis.measureOnGpu(given), options);
    return { ...measured, browser: `Chromium ${browser.version()}` };
  } finally {
    for (const close of closing) await close();
  }
}

/** The page, its libraries and the works in one file. */
async function bundle(folder) {
  const { build } = await import('vite');
  await build({
    configFile: false,
    logLevel: 'error',
    define: { 'process.env.NODE_ENV': '"production"' },
    build: {
      outDir: folder,
      emptyOutDir: true,
      minify: false,
      target: 'esnext',
      lib: { entry: fileURLToPath(new URL('page.mjs', import.meta.url)), formats: ['es'], fileName: () => 'page.js' },
      rolldownOptions: { output: { codeSplitting: false } },
    },
  });
  await writeFile(join(folder, 'index.html'), '<!doctype html><script type="module" src="page.js"></script>');
}

function serve(folder) {
  const server = createServer((request, response) => {
    const path = new URL(request.url, 'http://localhost').pathname;
    const file = path === '/' ? 'index.html' : path.slice(1);
    readFile(join(folder, file)).then(
      (data) => response.writeHead(200, { 'content-type': types[extname(file)] ?? 'text/plain' }).end(data),
      () => response.writeHead(404).end(),
    );
  });
  return new Promise((resolve) => {
    server.listen(0, '127.0.0.1', () =>
      resolve({
        url: `http://localhost:${server.address().port}/`,
        close: () => new Promise((done) => server.close(done)),
      }),
    );
  });
}
