// `npm run kindling -- …` in the repository: the built command line; installs and builds first where needed.
import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';

const root = new URL('..', import.meta.url);
const cli = new URL('packages/kindling/dist/bin.js', root);
if (!existsSync(cli)) {
  const { packageManager } = JSON.parse((await import('node:fs')).readFileSync(new URL('package.json', root), 'utf8'));
  const env = { ...process.env, TURBO_TELEMETRY_DISABLED: '1', DO_NOT_TRACK: '1' };
  for (const args of [
    ['install', '--frozen-lockfile'],
    ['exec', 'turbo', 'run', 'build', '--output-logs=errors-only'],
  ]) {
    // the output of the preparation must not mix with the command's own standard output
    const { status } = spawnSync('npx', ['--yes', '--prefer-offline', packageManager, ...args], {
      cwd: root,
      env,
      stdio: ['ignore', 2, 2],
      shell: process.platform === 'win32',
    });
    if (status !== 0) process.exit(status ?? 1);
  }
}
await import(cli.href);
