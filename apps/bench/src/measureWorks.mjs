import { checkAlike } from './check.mjs';
import { alternate } from './measure.mjs';

/**
 * Opens the peers and times each work with all of them, once they are known to compute the same. Runs in Node and in
 * browsers. `make` has the works by name; `names`, where given, are those wanted.
 */
export async function measureWorks({ peers: modules, works: make, names = Object.keys(make), settings, options, log }) {
  for (const name of names)
    if (make[name] === undefined)
      throw new Error(`there is no work '${name}' here; there are ${Object.keys(make).join(', ')}`);
  const peers = [];
  for (const { open } of modules) peers.push(await open(options));
  const results = [];
  for (const name of names) {
    const work = make[name]();
    const runners = new Map();
    for (const peer of peers) runners.set(peer.name, await peer.make(work));
    await checkAlike(work, runners);
    const times = await alternate(runners, settings);
    results.push({ name, title: work.title, flop: work.flop, bytes: work.bytes, times: Object.fromEntries(times) });
    log(`${name}: ${[...times].map(([who, { median }]) => `${who} ${median.toPrecision(3)} ms`).join(', ')}`);
  }
  return { peers: peers.map(({ name, package: from }) => ({ name, package: from })), results };
}
