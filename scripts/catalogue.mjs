// Writes docs/catalogue.md: every loss, optimizer, schedule and metric with its counterparts elsewhere and its size. Names,
// inputs and options come from what the packages provide; counterparts from the catalogue.json beside each package's sources.
// usage: node scripts/catalogue.mjs [--check]; it reads the sources and needs no build
import { Buffer } from 'node:buffer';
import { readFileSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';

import { fileURLToPath } from 'node:url';
import { gzipSync } from 'node:zlib';
import { format, resolveConfig } from 'prettier';

// the one that tsup builds with
const { build } = createRequire(createRequire(import.meta.url).resolve('tsup'))('esbuild');
const root = new URL('..', import.meta.url);
const page = new URL('docs/catalogue.md', root);
const packages = ['losses', 'optimizers', 'metrics'];
const kinds = {
  loss: 'Losses',
  optimizer: 'Optimizers',
  schedule: 'Schedules',
  metric: 'Metrics',
};
const columns = { pytorch: 'PyTorch', torchmetrics: 'torchmetrics', keras: 'Keras', optax: 'Optax', sklearn: 'scikit-learn' }; // prettier-ignore
/** What another entry may add to a bundle that has all the others, in bytes; more for those with an algorithm of their own. */
const mostAdded = { default: 700, ctcLoss: 1500, linearCrossEntropyLoss: 1100, lbfgs: 2100, prodigy: 950 };

const common = { bundle: true, format: 'esm', target: 'es2022', write: false };

const problems = [];
const entries = (await Promise.all(packages.map(entriesOf))).flat();

async function entriesOf(name) {
  const folder = new URL(`packages/${name}/`, root);
  const { default: plugin } = await loaded(folder);
  if (plugin === undefined) return [];
  const described = JSON.parse(readFileSync(new URL('catalogue.json', folder), 'utf8'));
  const provided = plugin.provides.map((provision) => ({ provision, name: provision[`${provision.kind}Name`] }));
  const names = provided.map((p) => p.name);
  for (const missing of names.filter((n) => !(n in described)))
    problems.push(`packages/${name}/catalogue.json does not describe ${missing}`);
  for (const extra of Object.keys(described).filter((n) => !names.includes(n)))
    problems.push(`packages/${name}/catalogue.json describes ${extra}, which the package does not provide`);
  const whole = await bundled(folder, names);
  return Promise.all(
    provided.map(async ({ provision, name: own }) => {
      const alone = await bundled(folder, [own]);
      const added = whole - (await bundled(folder, names.filter((n) => n !== own))); // prettier-ignore
      const most = mostAdded[own] ?? mostAdded.default;
      if (added > most) problems.push(`${own} adds ${added} B to the others; at most ${most} are allowed`);
      return { own, provision, alone, added, source: `../packages/${name}/src/${own}.ts`, ...described[own] };
    }),
  );
}

/** What a package exports, from its sources. */
async function loaded(folder) {
  const { outputFiles } = await build({
    ...common,
    entryPoints: [fileURLToPath(new URL('src/index.ts', folder))],
    tsconfig: fileURLToPath(new URL('tsconfig.json', root)),
  });
  return import(`data:text/javascript;base64,${Buffer.from(outputFiles[0].contents).toString('base64')}`);
}

/** Bytes of a bundle of some entries of a package, minified and gzipped, without its peers. */
async function bundled(folder, names) {
  const contents = names.map((name) => `export { ${name} } from './src/${name}.ts';`).join('\n');
  const { outputFiles } = await build({
    ...common,
    stdin: { contents, resolveDir: fileURLToPath(folder), loader: 'ts' },
    external: ['@kindling/*'],
    minify: true,
    tsconfigRaw: '{}',
  });
  return gzipSync(outputFiles[0].contents, { level: 9 }).length;
}

/** Sizes that the page has and that are nearly right stay: not every byte of a shared file shall change it. */
function steady(name, column, bytes) {
  const before = known.get(`${name} ${column}`);
  return before !== undefined && Math.abs(before - bytes) <= Math.max(20, 0.04 * bytes) ? before : bytes;
}
const old = (() => {
  try {
    return readFileSync(page, 'utf8');
  } catch {
    return '';
  }
})();
const known = new Map();
for (const line of old.split('\n')) {
  const match = /^\| \[`(\w+)`\].*\| +(\d+) \| +(\d+) \|$/.exec(line);
  if (match !== null) {
    known.set(`${match[1]} alone`, Number(match[2]));
    known.set(`${match[1]} added`, Number(match[3]));
  }
}

function table(list) {
  const used = Object.keys(columns).filter((key) => list.some((entry) => entry[key] !== undefined));
  const rows = list.map((entry) => [
    `[\`${entry.own}\`](${entry.source})`,
    ...used.map((key) => (entry[key] === undefined ? '' : entry[key].split(', ').map((n) => `\`${n}\``).join(', '))), // prettier-ignore
    [tensors(entry), entry.differs].filter(Boolean).join('; '),
    steady(entry.own, 'alone', entry.alone),
    steady(entry.own, 'added', entry.added),
  ]);
  const head = ['', ...used.map((key) => columns[key]), 'what to know', 'bytes alone', 'bytes added'];
  const line = (cells) => `| ${cells.map((cell) => String(cell).replaceAll('|', '\\|')).join(' | ')} |`;
  const align = [...Array.from({ length: head.length - 2 }, () => '---'), '---:', '---:'];
  return [line(head), line(align), ...rows.map(line)].join('\n');
}

/** The tensors of a loss, where they are not an input and a target. */
function tensors({ provision: { kind, inputs } }) {
  if (kind !== 'loss' || (inputs.length === 2 && inputs[0] === 'input' && inputs[1] === 'target')) return '';
  return `takes ${inputs.map((name) => `\`${name}\``).join(', ')}`;
}

const count = (kind) => entries.filter(({ provision }) => provision.kind === kind).length;
const text = [
  '# Everything there is',
  '',
  '<!-- written by scripts/catalogue.mjs; change packages/*/catalogue.json instead -->',
  '',
  `${Object.entries(kinds).filter(([kind]) => count(kind) > 0).map(([kind, title]) => `${count(kind)} ${title.toLowerCase()}`).join(', ')}, with what they are ` + // prettier-ignore
    'called elsewhere. Each is in a file of its own, whose comment has the formula, shapes, defaults, errors and source, and ' +
    'under a subpath of its own (`@kindling/losses/mseLoss`). `npm run kindling -- plugins <name>` lists its options.',
  '',
  'Names are PyTorch’s in camelCase where PyTorch has it, and so are options, defaults and numbers; where it has not, those ' +
    'of the library named first. _Bytes alone_ is what importing it puts into a bundle beside core, minified and gzipped; ' +
    '_bytes added_ what it puts into one that has all the others.',
  ...Object.entries(kinds).flatMap(([kind, title]) => {
    const list = entries.filter(({ provision }) => provision.kind === kind);
    return list.length === 0 ? [] : ['', `## ${title}`, '', table(list)];
  }),
  '',
].join('\n');

const config = await resolveConfig(page);
const written = await format(text, { ...config, parser: 'markdown' });
if (process.argv.includes('--check')) {
  if (written !== old) problems.push('docs/catalogue.md is not what scripts/catalogue.mjs writes; run it and commit');
} else writeFileSync(page, written);
for (const problem of problems) console.error(problem);
process.exitCode = problems.length > 0 ? 1 : 0;
