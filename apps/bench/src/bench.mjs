// Times the works of works.mjs with Kindling beside jax-js and TensorFlow.js, in one process and taking turns. It uses
// the built packages. usage: npm run bench -- [--markdown] [--force] [--only mlp,matmul] [--rounds 15] [--backend cpu]
// [--relaxed] [--threads 2] [--json FILE] [--clock cpu]
import { writeFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { checkAlike } from './check.mjs';
import { machine, watchOthers } from './machine.mjs';
import { alternate } from './measure.mjs';
import { markdownTable, textTable } from './report.mjs';
import { works } from './works.mjs';

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
        json: { type: 'string', default: 'bench-results.json' },
        markdown: { type: 'boolean', default: false },
        only: { type: 'string' },
        relaxed: { type: 'boolean', default: false },
        threads: { type: 'string', default: '1' },
        rounds: { type: 'string', default: '15' },
      },
    });
    return values;
  } catch (error) {
    return fail(error.message);
  }
}

const { backend, clock, force, json, markdown, only, relaxed, rounds: roundsText, threads } = options();
const rounds = Number(roundsText);
if (!Number.isInteger(rounds) || rounds < 3) fail(`--rounds must be a whole number of at least 3, got '${roundsText}'`);
const names = only === undefined ? Object.keys(works) : only.split(',');
for (const name of names)
  if (works[name] === undefined) fail(`there is no work '${name}'; there are ${Object.keys(works).join(', ')}`);
if (clock !== 'wall' && clock !== 'cpu') fail(`--clock is wall or cpu, not '${clock}'`);
if (backend !== 'cpu') fail(`there is no backend '${backend}' in the bench yet; there is cpu`);

/** Numbers from a busy machine are worse than none. */
function refuseIfBusy(others, when) {
  if (others <= quiet || force) return;
  fail(`other processes use ${others.toFixed(2)} cores ${when}; wait until the machine is quiet, or give --force`, 3);
}

const before = watchOthers();
await new Promise((resolve) => setTimeout(resolve, 1500));
refuseIfBusy(before(), 'now');

const modules = await Promise.all(['kindling', 'jax', 'tfjs'].map((name) => import(`./peers/${name}.mjs`)));
const peers = [];
for (const { open } of modules) peers.push(await open({ backend, relaxed, threads: Number(threads) }));

const during = watchOthers();
const results = [];
for (const name of names) {
  const work = works[name];
  const runners = new Map(peers.map((peer) => [peer.name, peer.make(work)]));
  try {
    await checkAlike(work, runners);
  } catch (error) {
    fail(error.message, 1);
  }
  const times = await alternate(runners, { rounds, batchMs: 60, warmupMs: 400, clock });
  results.push({ name, title: work.title, flop: work.flop, times: Object.fromEntries(times) });
  console.error(`${name}: ${[...times].map(([who, { median }]) => `${who} ${median.toPrecision(3)} ms`).join(', ')}`);
}
const others = during();
refuseIfBusy(others, 'during the measurement');

const report = {
  date: new Date().toISOString(),
  machine: machine(),
  backend,
  clock,
  relaxed,
  threads: Number(threads),
  rounds,
  others,
  peers: peers.map(({ name, version }) => ({ name, version })),
  results,
};
writeFileSync(json, `${JSON.stringify(report, null, 2)}\n`);
console.log(markdown ? markdownTable(report) : textTable(report));
process.exit(0); // tfjs keeps the process alive
