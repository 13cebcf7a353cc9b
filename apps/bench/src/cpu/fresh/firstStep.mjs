import { summary } from '../../measure.mjs';
import { pathOf, runProgram } from './processes.mjs';

/** The first step of the MLP with the library loaded: trace, compile, run, in a process of its own for each number. */
export async function firstStep(peers, options, rounds, log) {
  const times = new Map(peers.map(({ name }) => [name, []]));
  for (let round = 0; round < rounds; round++)
    for (const { name, module, threads } of peers) {
      const given = { ...options, threads: [threads ?? 1] };
      const { ms } = await runProgram(process.execPath, [pathOf('firstStepProgram.mjs'), module, name, JSON.stringify(given)]); // prettier-ignore
      times.get(name).push(ms);
    }
  const summaries = Object.fromEntries([...times].map(([name, list]) => [name, summary(list)]));
  log(`first-step: ${Object.entries(summaries).map(([who, { median }]) => `${who} ${median.toPrecision(3)} ms`).join(', ')}`); // prettier-ignore
  return { title: 'first step of that MLP in a process (trace, compile, run)', times: summaries };
}
