import { readdirSync, readFileSync } from 'node:fs';
import { defineConfig } from 'vitest/config';

// Tests run on the sources: `@kindling/x` resolves to packages/x/src/index.ts, and `@kindling/x/y` to packages/x/src/y.ts
// where x publishes subpaths: all of its files ('./*'), or some.
const alias = readdirSync(new URL('packages', import.meta.url)).flatMap((name) => {
  const folder = new URL(`packages/${name}/`, import.meta.url);
  const manifest = JSON.parse(readFileSync(new URL('package.json', folder), 'utf8')) as {
    name: string;
    exports: Record<string, unknown>;
  };
  const src = new URL('src/', folder).pathname;
  const index = { find: new RegExp(`^${manifest.name}$`), replacement: `${src}index.ts` };
  const names = Object.keys(manifest.exports).map((key) => key.slice(2).replace('*', '.+'));
  const subpaths = names.filter((name) => name !== '' && name !== 'package.json').join('|');
  const others = { find: new RegExp(`^${manifest.name}/(?!package\\.json)(${subpaths})$`), replacement: `${src}$1.ts` };
  return subpaths === '' ? [index] : [index, others];
});

export default defineConfig({
  resolve: { alias },
  test: {
    include: ['packages/*/test/**/*.test.ts', 'examples/**/*.test.ts'],
    testTimeout: 20_000,
    // by default one processor is left free, which is half of a small machine
    maxWorkers: '100%',
    reporters: ['default', './scripts/plain-reporter.mjs'],
  },
});
