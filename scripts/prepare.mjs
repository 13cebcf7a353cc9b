// What every command of the repository needs first, with nothing but node and npm: the pinned pnpm (through npx), the
// dependencies of the lock file, the build.
import { spawnSync } from 'node:child_process';
import { existsSync, readdirSync, readFileSync, statSync, utimesSync, writeFileSync } from 'node:fs';

const root = new URL('..', import.meta.url);
const { packageManager } = JSON.parse(readFileSync(new URL('package.json', root), 'utf8'));
const quiet = { TURBO_TELEMETRY_DISABLED: '1', DO_NOT_TRACK: '1', TURBO_NO_UPDATE_NOTIFIER: '1' };

/** Runs a command, its standard output going to `output` (a file descriptor or 'ignore'); gives its exit status. */
export function run(command, args, { output = 1, env = {}, cwd = root } = {}) {
  const { status, error } = spawnSync(command, args, {
    cwd,
    env: { ...process.env, ...quiet, ...env },
    stdio: ['ignore', output, 'inherit'],
    shell: process.platform === 'win32',
  });
  if (error) console.error(`could not start '${command}': ${error.message}`);
  return status ?? 1;
}
export const pnpm = (args, options) => run('npx', ['--yes', '--prefer-offline', packageManager, ...args], options);
export const exec = (args, options) => pnpm(['exec', ...args], options);

const stampIn = (repository) => new URL('node_modules/.kindling-built', repository);

/** Whether nothing that the packages are built from is newer than the last build. */
export function isBuilt(repository = root) {
  const stamp = stampIn(repository);
  if (!existsSync(stamp)) return false;
  const built = statSync(stamp).mtimeMs;
  const isOlder = (path) => statSync(new URL(path, repository)).mtimeMs < built;
  return (
    ['pnpm-lock.yaml', 'tsup.preset.ts', 'tsconfig.base.json'].every(isOlder) &&
    readdirSync(new URL('packages', repository)).every((name) => {
      const folder = `packages/${name}`;
      const has = (path) => existsSync(new URL(`${folder}/${path}`, repository));
      if (!has('package.json')) return true; // what another branch has left
      // a folder is newer, too, where a file has gone
      const sources = readdirSync(new URL(`${folder}/src`, repository), { recursive: true });
      return has('dist') && ['package.json', 'src', ...sources.map((file) => `src/${file}`)].every((file) => isOlder(`${folder}/${file}`)); // prettier-ignore
    })
  );
}

/**
 * Installs and builds; ends the process where that fails.
 * @param types Build the declarations, too: they take most of the time, and only checks and releases read them.
 * @param everything Install the dependencies of the apps, too, which are large.
 */
export function prepare({ types = false, everything = false, output = 1 } = {}) {
  const without = everything ? [] : ['@kindling/bench', '@kindling/consumer', '@kindling/gpu-tests'];
  const must = (status) => status === 0 || process.exit(status);
  const start = new Date();
  must(pnpm(['install', '--frozen-lockfile', ...without.flatMap((name) => ['--filter', `!${name}`])], { output }));
  const env = types ? {} : { KINDLING_BUILD: 'js' };
  must(exec(['turbo', 'run', 'build', '--filter=./packages/*', '--output-logs=errors-only'], { output, env }));
  // the time of its beginning: what was saved meanwhile is newer, and what turbo has from its cache older
  const stamp = stampIn(root);
  writeFileSync(stamp, '');
  utimesSync(stamp, start, start);
}
