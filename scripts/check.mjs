// Everything that is checked but is not a test. All checks run, whatever fails; the last line counts them.
// usage: npm run check [-- name…]
import { readFileSync } from 'node:fs';
import { exec } from './prepare.mjs';

const checks = {
  format: () => exec(['prettier', '--check', '--log-level', 'warn', '.']),
  types: () => exec(['tsc', '-p', 'tsconfig.json']),
  lint: () => exec(['eslint', '.']),
  packages: () => exec(['turbo', 'run', 'lint:pkg', '--filter=./packages/*', '--output-logs=errors-only']),
  install: () => exec(['node', 'scripts/check-install.mjs']),
  // what we publish must also work with other versions than the one we build with
  'typescript 5.9': () => exec(['node', 'apps/consumer/node_modules/typescript-5.9/bin/tsc', '-p', 'apps/consumer']),
  'typescript 7': () => exec(['node', 'apps/consumer/node_modules/typescript-7/bin/tsc', '-p', 'apps/consumer']),
  playground: () => exec(['turbo', 'run', 'build', '--filter=@kindling/playground', '--output-logs=errors-only']),
  unused: () => exec(['knip', '--no-progress', '--no-config-hints']),
  size: () => exec(['size-limit']),
  catalogue: () => exec(['node', 'scripts/catalogue.mjs', '--check']),
  lockfile() {
    const urls = readFileSync(new URL('../pnpm-lock.yaml', import.meta.url), 'utf8').match(/https?:\/\/\S+/g) ?? [];
    if (urls.length > 0) console.error(`pnpm-lock.yaml names ${urls[0]}: install from the default registry settings`);
    return urls.length > 0 ? 1 : 0;
  },
};

const asked = process.argv.slice(2);
const unknown = asked.find((name) => !Object.hasOwn(checks, name));
if (unknown !== undefined) {
  console.error(`there is no check '${unknown}'; there are ${Object.keys(checks).join(', ')}`);
  process.exit(2);
}
const failed = [];
const names = asked.length > 0 ? asked : Object.keys(checks);
for (const name of names) {
  console.log(`\n── check: ${name}`);
  const start = performance.now();
  const status = checks[name]();
  if (status !== 0) failed.push(name);
  console.log(`${status === 0 ? 'passed' : 'FAILED'}: ${name} (${Math.round((performance.now() - start) / 1000)} s)`);
}
if (failed.length > 0) console.log(`\nfailed checks: ${failed.join(', ')}`);
console.log(`${names.length - failed.length} passed, ${failed.length} failed`);
process.exitCode = failed.length > 0 ? 1 : 0;
