import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';

/** The version of an installed package. */
export function versionOf(name) {
  // some packages export neither their manifest nor a CommonJS entry
  const require = createRequire(import.meta.url);
  for (const folder of require.resolve.paths(name)) {
    try {
      return JSON.parse(readFileSync(`${folder}/${name}/package.json`, 'utf8')).version;
    } catch {
      // not in this folder
    }
  }
  return 'unknown';
}
