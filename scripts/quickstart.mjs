// `npm run quickstart`: the main job on the shipped tables, through the same code as `kindling compare`. Which loss and
// which optimizer, on a table of classes and on one of numbers? Prints the rankings and writes a report with curves.
import { readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { comparisonsPage, main } from '../packages/cli/dist/index.js';
import { createRegistry } from '../packages/core/dist/index.js';
import cpuBackend from '../packages/cpu-backend/dist/index.js';
import losses from '../packages/losses/dist/index.js';
import optimizers from '../packages/optimizers/dist/index.js';

const root = new URL('..', import.meta.url);
const { version } = JSON.parse(readFileSync(new URL('packages/kindling/package.json', root), 'utf8'));
const packages = Object.fromEntries(
  ['core', 'autograd', 'compiler', 'cpu-backend', 'losses', 'optimizers', 'nn', 'data', 'metrics', 'train', 'cli'].map(
    (name) => [
      `@kindling/${name}`,
      JSON.parse(readFileSync(new URL(`packages/${name}/package.json`, root), 'utf8')).version,
    ],
  ),
);
const started = performance.now();
const found = [];
const common = ['--optimizers', 'sgd,adam,adamw,rmsprop', '--steps', '150', '--folds', '5'];
const comparisons = [
  ['data/penguins.csv', '--target', 'species', '--losses', 'crossEntropyLoss,nllLoss,categoricalCrossEntropy'],
  ['data/diabetes.csv', '--target', 'progression', '--losses', 'mseLoss,l1Loss,smoothL1Loss,huberLoss'],
];
for (const argv of comparisons) {
  const code = await main(['compare', ...argv, ...common], {
    registry: createRegistry(losses, optimizers, cpuBackend),
    version,
    packages: { kindling: version, ...packages },
    cwd: fileURLToPath(root),
    onComparison: (comparison) => found.push(comparison),
  });
  if (code !== 0) process.exit(code);
  console.log();
}
const report = fileURLToPath(new URL('quickstart-report.html', root));
writeFileSync(report, await comparisonsPage('Kindling: quickstart', found));
console.log(`Compared in ${((performance.now() - started) / 1000).toFixed(0)} s. The report, with curves: ${report}

Next:
  npm run kindling -- train data/penguins.csv --target species --out penguins     a model, and its own report
  npm run kindling -- predict penguins data/penguins.csv --proba                  what it says
  npm run kindling -- plugins                                                     losses, optimizers, their options
  npm run kindling -- compare YOUR.csv --target COLUMN --report report.html       your own table`);
