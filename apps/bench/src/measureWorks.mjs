import { checkAlike } from './check.mjs';
import { alternate } from './measure.mjs';

/**
 * Opens the peers and times each work with all of them, once they are known to compute the same. Runs in Node and in
 * browsers. `make` has the works by name; `names`, where given, are those wanted. `limits` makes what a work is held
 * against: as many `bytes` copied, as many `flop` in registers.
 */
export async function measureWorks({
  peers: modules,
  works: make,
  names = Object.keys(make),
  settings,
  options,
  limits = {},
  log,
}) {
  for (const name of names)
    if (make[name] === undefined)
      throw new Error(`there is no work '${name}' here; there are ${Object.keys(make).join(', ')}`);
  const peers = [];
  for (const { open } of modules) peers.push(...[await open(options, log)].flat());
  const results = [];
  for (const name of names) {
    const work = make[name]();
    const runners = new Map();
    const skipped = {};
    for (const peer of peers) {
      const reason = peer.skips?.(work);
      if (reason === undefined) runners.set(peer.name, await peer.make(work));
      else skipped[peer.name] = reason;
    }
    await checkAlike(work, runners);
    for (const [kind, make] of Object.entries(limits))
      if (work[kind] !== undefined) runners.set('limit', make(work[kind]));
    const times = await alternate(runners, settings);
    const { limit, ...own } = Object.fromEntries(times);
    results.push({ name, title: work.title, flop: work.flop, bytes: work.bytes, times: own, limit, skipped });
    for (const [who, reason] of Object.entries(skipped)) await log(`${name}: ${who} is skipped: ${reason}`);
    await log(`${name}: ${[...times].map(([who, { median }]) => `${who} ${median.toPrecision(3)} ms`).join(', ')}`);
  }
  return {
    peers: peers.map(({ name, package: from, version, module, threads }) => ({
      name,
      package: from,
      version,
      module,
      threads,
    })),
    results,
  };
}
