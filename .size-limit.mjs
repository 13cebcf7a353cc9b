// Size budgets: what a user's bundle gets, minified and gzipped. A new loss or optimizer is measured without an entry
// here. Raise a budget only knowingly: it is what somebody downloads.
import { readdirSync } from 'node:fs';

const dist = (name, entry = 'index') => `packages/${name}/dist/${entry}.js`;
const peers = ['@kindling/core', '@kindling/autograd', '@kindling/compiler'];
const budget = (name, limit, options) => ({
  name,
  limit,
  gzip: true,
  // the paths of our tsconfig.json would lead to the sources, and so to a second copy
  modifyEsbuildConfig: (config) => ({ ...config, tsconfigRaw: '{}', logLevel: 'error', plugins: [later] }),
  ...options,
});
/**
 * What is loaded by `import()`, when it is first possible that it is needed, is a download of its own: threads, which
 * pages that are not cross-origin isolated cannot have. It is not counted, but in the budgets that say so (`withAll`).
 */
const later = {
  name: 'later',
  setup: (build) => build.onResolve({ filter: /^\./ }, ({ kind, path }) => (kind === 'dynamic-import' ? { path, external: true } : undefined)), // prettier-ignore
};
const withAll = (options) => ({
  ...options,
  name: `${options.name}, and all that it may load later`,
  modifyEsbuildConfig: (config) => ({ ...options.modifyEsbuildConfig(config), plugins: [] }),
});
const one = (name, limit, path, imports, ignore = []) => budget(name, limit, { path, import: imports, ignore });

/** Each file that a package publishes under a subpath, by itself. */
const each = (name, limitOf) =>
  readdirSync(new URL(`packages/${name}/src/`, import.meta.url))
    .filter((file) => file.endsWith('.ts') && file !== 'index.ts')
    .map((file) => file.slice(0, -'.ts'.length))
    .map((entry) => one(`${name}/${entry} alone`, limitOf(entry), dist(name, entry), `{ ${entry} }`, peers));

const losses = { mseLoss: '650 B', crossEntropyLoss: '1.3 kB', ctcLoss: '1.9 kB', linearCrossEntropyLoss: '2.1 kB' };
const optimizers = { sgd: '600 B', adam: '800 B', lbfgs: '2.5 kB', prodigy: '1.5 kB' };
const isSchedule = (entry) => /LR|Scheduler|Restarts/.test(entry);

const training = (limit) =>
  budget('a training program: linear layers, one loss, one optimizer, on the CPU', limit, {
    import: {
      [dist('core')]: '{ setDefaultBackend, tensor, relu }',
      [dist('autograd')]: '{ backward }',
      [dist('cpu-backend')]: '{ cpu }',
      [dist('nn')]: '{ linear, sequential }',
      [dist('losses')]: '{ crossEntropyLoss }',
      [dist('optimizers')]: '{ adam }',
    },
  });

// names of chunks differ from build to build, and with them some bytes of what is compressed
export default [
  // with convolution, pooling and attention, which programs without them do not carry
  one('core, all of it', '28.8 kB', dist('core'), '*'),
  one('autograd: backward', '2.6 kB', dist('autograd'), '{ backward }', peers),
  one('cpu-backend with the compiler', '44.7 kB', dist('cpu-backend'), '{ cpu }', ['@kindling/core']),
  one('nn: linear, sequential, relu', '3 kB', dist('nn'), '{ linear, sequential, relu }', peers),
  ...each('losses', (entry) => losses[entry] ?? '1.5 kB'),
  ...each('optimizers', (entry) => optimizers[entry] ?? (isSchedule(entry) ? '2.2 kB' : '1.2 kB')),
  training('65.8 kB'),
  withAll(training('72.3 kB')),
];
