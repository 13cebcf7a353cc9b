// Times works with Kindling beside PyTorch, jax-js and TensorFlow.js, taking turns. It uses the built
// packages. usage: npm run bench -- [--backend cpu|webgpu] [--in node|chromium] [--markdown] [--force]
// [--only mlp,matmul] [--rounds 15] [--relaxed] [--revectorize] [--threads 2] [--tune] [--json FILE] [--clock cpu]
import { readFileSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { availableParallelism } from 'node:os';
import { parseArgs } from 'node:util';
import { machine, watchOthers } from './machine.mjs';
import { markdownTable, textTable } from './report.mjs';

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
/** One thread, and as many as wanted. */
const counts = [...new Set([1, Math.min(threads || availableParallelism(), 16)])];
if (!Number.isInteger(rounds) || rounds < 2) fail(`--rounds must be a whole number of at least 2, got '${roundsText}'`);
if (clock !== 'wall' && clock !== 'cpu') fail(`--clock is wall or cpu, not '${clock}'`);
if (backend !== 'cpu' && backend !== 'webgpu') fail(`--backend is cpu or webgpu, not '${backend}'`);
if (place !== 'node' && place !== 'chromium') fail(`--in is node or chromium, not '${place}'`);
if (place === 'chromium' && (backend !== 'webgpu' || clock === 'cpu'))
  fail('in Chromium there are --backend webgpu and --clock wall only');

/** Numbers from a busy machine are worse than none. What a browser uses is not told apart from others. */
function refuseIfBusy(others, when) {
  if (others <= quiet || force) return;
  fail(`other processes use ${others.toFixed(2)} cores ${when}; wait until the machine is quiet, or give --force`, 3);
}

async function measure() {
  const names = only?.split(',');
  const log = (line) => console.error(line);
  if (place === 'chromium') {
    const { measureInChromium } = await import('./chromium/measure.mjs');
    return measureInChromium({ names, rounds, clock, tune }, log);
  }
  if (backend === 'webgpu') {
    const { installWebgpu } = await import('./gpu/node.mjs');
    await installWebgpu();
    const { measureOnGpu } = await import('./gpu/measure.mjs');
    return measureOnGpu({ names, rounds, clock, tune }, log);
  }
  const { measureOnCpu } = await import('./cpu/measure.mjs');
  return measureOnCpu({ names, rounds, clock, relaxed, revectorize, threads: counts }, log);
}

const versionOf = (name) => {
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
};

const before = watchOthers();
await new Promise((resolve) => setTimeout(resolve, 1500));
refuseIfBusy(before(), 'now');
const during = watchOthers();
const measured = await measure().catch((error) => fail(error.message, 1));
const others = during();
if (place === 'node') refuseIfBusy(others, 'during the measurement');

const report = {
  date: new Date().toISOString(),
  machine: machine(),
  backend,
  place,
  clock,
  relaxed,
  revectorize,
  threads: counts,
  tune,
  rounds,
  others: place === 'node' ? others : undefined,
  ...measured,
  peers: measured.peers.map(({ name, threads: own, version, package: from }) => ({
    name,
    threads: own,
    version: version ?? versionOf(from),
  })),
};
writeFileSync(json, `${JSON.stringify(report, null, 2)}\n`);
console.log(markdown ? markdownTable(report) : textTable(report));
process.exit(0); // tfjs keeps the process alive
