import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build, preview } from 'vite';

/** Builds the page and serves it at `url`, on this machine only; `measuring` is where it measures what is given. */
export async function servePage() {
  const root = fileURLToPath(new URL('../..', import.meta.url));
  const outDir = mkdtempSync(join(tmpdir(), 'kindling-bench-'));
  process.on('exit', () => rmSync(outDir, { recursive: true, force: true }));
  await build({ root, logLevel: 'error', build: { outDir, emptyOutDir: true } });
  const server = await preview({ root, logLevel: 'error', build: { outDir }, preview: { host: 'localhost', port: 0 } });
  const [url] = server.resolvedUrls.local;
  return {
    url,
    measuring: ({ backend, names, rounds, threads, tune }) => {
      const query = new URLSearchParams({ backend, rounds, threads });
      for (const name of names ?? []) query.append('only', name);
      if (tune) query.append('tune', 'on');
      return `${url}?${query}`;
    },
    close: () => server.close(),
  };
}
