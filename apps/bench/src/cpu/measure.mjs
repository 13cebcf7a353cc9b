import { measureWorks } from '../measureWorks.mjs';
import { settingsFor } from '../settings.mjs';
import { works } from '../works/index.mjs';
import { copying } from './copying.mjs';
import { multiplying } from './multiplying.mjs';

/** The works with these peers here, and in Node those of `fresh`, each number of which needs a process of its own. */
export async function measureOnCpu(given, log, { peers, fresh = {} }) {
  const { names, rounds, clock, relaxed, revectorize, threads } = given;
  const known = [...Object.keys(works.cpu), ...Object.keys(fresh)];
  const wanted = names ?? known;
  const unknown = wanted.find((name) => !known.includes(name));
  if (unknown !== undefined) throw new Error(`there is no work '${unknown}' here; there are ${known.join(', ')}`);
  const options = { relaxed, revectorize, threads };
  const measured = await measureWorks({
    peers,
    works: works.cpu,
    names: wanted.filter((name) => name in works.cpu),
    settings: settingsFor(rounds, clock),
    options,
    limits: { bytes: copying, flop: multiplying },
    log,
  });
  const results = [...measured.results];
  for (const name of wanted)
    if (name in fresh)
      results.push({ name, ...(await fresh[name](measured.peers, options, Math.min(rounds, 5), log)) });
  return { ...measured, results };
}
