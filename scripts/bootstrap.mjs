// Runs with nothing but node and npm: fetches the pinned pnpm through npx, installs from the lock file, builds, goes on.
// usage: node scripts/bootstrap.mjs test | quickstart | check | bench | playground [arguments for the goal]
import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';

const root = new URL('..', import.meta.url);
const { packageManager } = JSON.parse(readFileSync(new URL('package.json', root), 'utf8'));
const env = { ...process.env, TURBO_TELEMETRY_DISABLED: '1', DO_NOT_TRACK: '1', TURBO_NO_UPDATE_NOTIFIER: '1' };

function run(command, args) {
  const { status, error } = spawnSync(command, args, {
    cwd: root,
    env,
    stdio: ['ignore', 'inherit', 'inherit'],
    shell: process.platform === 'win32',
  });
  if (error) console.error(`could not start '${command}': ${error.message}`);
  if (status !== 0) process.exit(status ?? 1);
}
const pnpm = (...args) => run('npx', ['--yes', '--prefer-offline', packageManager, ...args]);
const exec = (...args) => pnpm('exec', ...args);

const rest = process.argv.slice(3);
const goals = {
  quickstart: () => run(process.execPath, ['scripts/quickstart.mjs', ...rest]),
  test: () => exec('vitest', 'run', ...rest),
  bench: () => run(process.execPath, ['apps/bench/src/bench.mjs', ...rest]),
  playground: () => pnpm('--filter', '@kindling/playground', 'dev', ...rest),
  check() {
    exec('prettier', '--check', '.');
    exec('tsc', '-p', 'tsconfig.json');
    exec('eslint', '.');
    exec('turbo', 'run', 'lint:pkg', '--output-logs=errors-only');
    exec('knip');
    exec('size-limit');
  },
};
const goal = goals[process.argv[2]];
if (!goal) {
  console.error(`usage: node scripts/bootstrap.mjs ${Object.keys(goals).join(' | ')}`);
  process.exit(2);
}
// the peers of the benches and the GPU adapters are large: only what needs them installs them
const large = process.argv[2] === 'bench' || process.env.CI ? [] : ['@kindling/bench', '@kindling/gpu-tests'];
pnpm('install', '--frozen-lockfile', ...large.flatMap((name) => ['--filter', `!${name}`]));
exec('turbo', 'run', 'build', '--output-logs=errors-only');
goal();
