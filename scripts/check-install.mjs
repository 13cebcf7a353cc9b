// Packs every package, installs the archives in an empty project, as a user would, and uses them there.
import { mkdirSync, mkdtempSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { pnpm, run } from './prepare.mjs';

const folder = mkdtempSync(join(tmpdir(), 'kindling-install-'));
const data = (name) => fileURLToPath(new URL(`../data/${name}.csv`, import.meta.url));
/** What a program that trains installs, and how many bytes that may be. */
const training = ['autograd', 'compiler', 'core', 'cpu-backend', 'losses', 'nn', 'optimizers'];
const most = 2e6;
const bytesIn = (path) =>
  readdirSync(path, { recursive: true })
    .map((file) => statSync(join(path, file)))
    .reduce((sum, entry) => sum + (entry.isFile() ? entry.size : 0), 0);
const must = (status, what) => {
  if (status === 0) return;
  console.error(`failed: ${what}`);
  process.exitCode = 1;
  throw new Error(what);
};
try {
  const [archives, project] = [join(folder, 'archives'), join(folder, 'project')];
  for (const path of [archives, project]) mkdirSync(path);
  must(pnpm(['-r', '--filter=./packages/*', 'pack', '--pack-destination', archives], { output: 'ignore' }), 'pack');
  writeFileSync(join(project, 'package.json'), '{ "name": "project", "private": true, "type": "module" }');
  const files = readdirSync(archives).map((file) => join(archives, file));
  must(
    run('npm', ['install', '--no-save', '--no-audit', '--no-fund', '--prefer-offline', ...files], { cwd: project }),
    'install',
  );
  const bytes = training.reduce((sum, name) => sum + bytesIn(join(project, 'node_modules/@kindling', name)), 0);
  console.log(`a program that trains installs ${(bytes / 1e6).toFixed(2)} MB`);
  must(Number(bytes > most), `${bytes} bytes are more than ${most}`);
  // every entry of every package
  writeFileSync(
    join(project, 'entries.js'),
    `import { readdirSync, readFileSync } from 'node:fs';
for (const name of ['kindling', ...readdirSync('node_modules/@kindling').map((n) => '@kindling/' + n)]) {
  const { exports } = JSON.parse(readFileSync('node_modules/' + name + '/package.json', 'utf8'));
  const all = readdirSync('node_modules/' + name + '/dist').filter((f) => /^(?!chunk-|bin\\.).*\\.js$/.test(f));
  const entries = exports['./*'] === undefined ? [name] : all.map((f) => name + '/' + f.slice(0, -3));
  for (const entry of entries) await import(entry);
}
`,
  );
  must(run(process.execPath, ['entries.js'], { cwd: project }), 'import of every entry');
  const kindling = (...args) => run('npx', ['--no-install', 'kindling', ...args], { cwd: project, output: 'ignore' });
  must(kindling('train', data('iris'), '--target', 'species', '--epochs', '20', '--out', 'model'), 'kindling train');
  must(kindling('predict', 'model', data('iris'), '--proba'), 'kindling predict');
} catch (error) {
  process.exitCode ||= 1;
  if (!(error instanceof Error)) throw error;
  console.error(error.message);
} finally {
  rmSync(folder, { recursive: true, force: true });
}
