// Times works with Kindling beside PyTorch, jax-js and TensorFlow.js, taking turns. It uses the built
// packages. usage: npm run bench -- [--backend cpu|webgpu] [--in node|chromium|page] [--markdown] [--force]
// [--only mlp,matmul] [--rounds 15] [--relaxed] [--revectorize] [--threads 2] [--tune] [--json FILE] [--clock cpu]
import { writeFileSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { parseArgs } from 'node:util';
import { machine, watchOthers } from './machine.mjs';
import { markdownTable, textTable } from './report.mjs';
import { reportOf } from './reportOf.mjs';
import { threadCounts } from './settings.mjs';
import { versionOf } from './versionOf.mjs';

process.env['NODE_ENV'] ??= 'production'; // as deployed: without the checks that compile makes during development

/** Cores that others may use at most, on average, for a number to be worth reporting. */
const quiet = 0.15;

function fail(message, code = 2) {
  console.error(`bench: ${message}`);
  process.exit(code);
}

function options() {
  try {
    const { values } = parseArgs({
      options: {
        backend: { type: 'string', default: 'cpu' },
        clock: { type: 'string', default: 'wall' },
        force: { type: 'boolean', default: false },
        in: { type: 'string', default: 'node' },
        json: { type: 'string', default: 'bench-results.json' },
        markdown: { type: 'boolean', default: false },
        only: { type: 'string' },
        relaxed: { type: 'boolean', default: false },
        revectorize: { type: 'boolean', default: false },
        rounds: { type: 'string', default: '15' },
        threads: { type: 'string', default: '1' },
        tune: { type: 'boolean', default: false },
      },
    });
    return values;
  } catch (error) {
    return fail(error.message);
  }
}

const {
  backend,
  clock,
  force,
  in: place,
  json,
  markdown,
  only,
  relaxed,
  revectorize,
  rounds: roundsText,
  threads: threadsText,
  tune,
} = options();
const threads = Number(threadsText);
const rounds = Number(roundsText);
if (!Number.isInteger(threads) || threads < 0) fail(`--threads must be a whole number, got '${threadsText}'`);
const counts = threadCounts(threads, availableParallelism());
if (!Number.isInteger(rounds) || rounds < 2) fail(`--rounds must be a whole number of at least 2, got '${roundsText}'`);
if (clock !== 'wall' && clock !== 'cpu') fail(`--clock is wall or cpu, not '${clock}'`);
if (backend !== 'cpu' && backend !== 'webgpu') fail(`--backend is cpu or webgpu, not '${backend}'`);
if (!['node', 'chromium', 'page'].includes(place)) fail(`--in is node, chromium or page, not '${place}'`);
if (place !== 'node' && (clock === 'cpu' || relaxed || revectorize))
  fail('in a browser there is --clock wall only, and neither --relaxed nor --revectorize');

/** Numbers from a busy machine are worse than none. What a browser uses is not told apart from others. */
function refuseIfBusy(others, when) {
  if (others <= quiet || force) return;
  fail(`other processes use ${others.toFixed(2)} cores ${when}; wait until the machine is quiet, or give --force`, 3);
}

const log = (line) => console.error(line);
const names = only?.split(',');
const given = { backend, names, rounds, threads, tune };

if (place === 'page') {
  const { servePage } = await import('./page/serve.mjs');
  const { url } = await servePage();
  for (const signal of ['SIGINT', 'SIGTERM']) process.on(signal, () => process.exit()); // which also clears up
  console.log(`the bench is at ${url} until this is stopped`);
  await new Promise(() => {});
}

async function measureInNode() {
  const options = { place, clock, relaxed, revectorize, threads: counts, tune, names, rounds };
  const measure = async () => {
    if (backend === 'webgpu') {
      const { installWebgpu } = await import('./gpu/node.mjs');
      await installWebgpu();
      const { measureOnGpu } = await import('./gpu/measure.mjs');
      return measureOnGpu(options, log);
    }
    const [{ measureOnCpu }, { peers }, { fresh }] = await Promise.all([
      import('./cpu/measure.mjs'),
      import('./peers/cpuInNode.mjs'),
      import('./cpu/fresh/index.mjs'),
    ]);
    return measureOnCpu(options, log, { peers, fresh });
  };
  const during = watchOthers();
  const measured = await measure();
  const others = during();
  refuseIfBusy(others, 'during the measurement');
  return reportOf({ backend, ...options }, measured, { machine: machine(), others, versionOf });
}

async function measureInChromium() {
  const { measureInChromium: measure } = await import('./page/inChromium.mjs');
  return { ...(await measure(given, log)), machine: machine() };
}

const before = watchOthers();
await new Promise((resolve) => setTimeout(resolve, 1500));
refuseIfBusy(before(), 'now');
const measure = place === 'chromium' ? measureInChromium : measureInNode;
const report = await measure().catch((error) => fail(error.message, 1));
writeFileSync(json, `${JSON.stringify(report, null, 2)}\n`);
console.log(markdown ? markdownTable(report) : textTable(report));
process.exit(0); // tfjs keeps the process alive
