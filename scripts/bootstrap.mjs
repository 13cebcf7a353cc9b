// The commands of the repository; each installs and builds what it needs first.
// usage: node scripts/bootstrap.mjs test | test:gpu | quickstart | check | bench | playground [arguments for the goal]
import { exec, pnpm, prepare, run } from './prepare.mjs';

const [name, ...rest] = process.argv.slice(2);
const goals = {
  quickstart: () => run(process.execPath, ['scripts/quickstart.mjs', ...rest]),
  test: () => exec(['vitest', 'run', ...rest]),
  'test:gpu': () => exec(['vitest', 'run', '--root', 'apps/gpu-tests', ...rest]),
  check: () => exec(['node', 'scripts/check.mjs', ...rest]),
  bench: () => run(process.execPath, ['apps/bench/src/bench.mjs', ...rest]),
  playground: () => pnpm(['--filter', '@kindling/playground', 'dev', ...rest]),
};
const goal = Object.hasOwn(goals, name) ? goals[name] : undefined;
if (!goal) {
  console.error(`usage: node scripts/bootstrap.mjs ${Object.keys(goals).join(' | ')}`);
  process.exit(2);
}
const types = Boolean(process.env.CI) || name === 'check';
prepare({ types, everything: types || name === 'bench' || name === 'test:gpu' });
process.exitCode = goal();
