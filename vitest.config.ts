import { readdirSync } from 'node:fs';
import { defineConfig } from 'vitest/config';

// Tests run on the sources: `@kindling/x` and `@kindling/x/y` resolve to packages/x/src.
const alias = readdirSync(new URL('packages', import.meta.url)).flatMap((name) => {
  const id = name === 'kindling' ? name : `@kindling/${name}`;
  const src = new URL(`packages/${name}/src/`, import.meta.url).pathname;
  return [
    { find: new RegExp(`^${id}$`), replacement: `${src}index.ts` },
    { find: new RegExp(`^${id}/(?!package\\.json)(.+)$`), replacement: `${src}$1.ts` },
  ];
});

export default defineConfig({
  resolve: { alias },
  test: {
    include: ['packages/*/test/**/*.test.ts', 'examples/**/*.test.ts'],
    testTimeout: 20_000,
    reporters: ['default', './scripts/plain-reporter.mjs'],
  },
});
