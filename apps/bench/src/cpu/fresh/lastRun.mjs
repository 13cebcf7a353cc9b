import { summary } from '../../measure.mjs';
import { pathOf, runProgram, tell } from './processes.mjs';

/**
 * A row of the last of some works, each run once in a process that has done nothing but load the library; a process for
 * each number. A work is its name, or `adds` with its count and size.
 */
export function lastRun(name, title, works) {
  return async (peers, options, rounds, log) => {
    const times = new Map(peers.map((peer) => [peer.name, []]));
    for (let round = 0; round < rounds; round++)
      for (const peer of peers) {
        const given = JSON.stringify({ ...options, threads: [peer.threads ?? 1] });
        const { ms } = await runProgram(process.execPath, [
          pathOf('lastRunProgram.mjs'), peer.module, peer.name, given, JSON.stringify(works),
        ]); // prettier-ignore
        times.get(peer.name).push(ms);
      }
    const summaries = Object.fromEntries([...times].map(([who, list]) => [who, summary(list)]));
    tell(log, name, summaries);
    return { title, times: summaries };
  };
}
