// `npm run kindling -- …` in the repository: the built command line. Installs and builds first where sources are newer.
import { existsSync, readdirSync, statSync, utimesSync, writeFileSync } from 'node:fs';
import { prepare } from './prepare.mjs';

const root = new URL('..', import.meta.url);
const cli = new URL('packages/kindling/dist/bin.js', root);
/** Its time is that of the last build: a build restored from a cache has older files. */
const stamp = new URL('node_modules/.kindling-built', root);

function isBuilt() {
  if (!existsSync(cli) || !existsSync(stamp)) return false;
  const built = statSync(stamp).mtimeMs;
  return readdirSync(new URL('packages', root)).every((name) => {
    const src = new URL(`packages/${name}/src/`, root);
    return readdirSync(src, { recursive: true }).every((file) => statSync(new URL(file, src)).mtimeMs < built);
  });
}

if (!isBuilt()) {
  const start = new Date();
  prepare({ output: 2 }); // standard output is the command's own
  writeFileSync(stamp, '');
  utimesSync(stamp, start, start);
}
await import(cli.href);
