import { measureWorks } from '../measureWorks.mjs';
import { peers } from '../peers/cpu.mjs';
import { settingsFor } from '../settings.mjs';
import { works } from '../works/index.mjs';

export function measureOnCpu({ names, rounds, clock, relaxed, threads }, log) {
  const settings = settingsFor(rounds, clock);
  return measureWorks({ peers, works: works.cpu, names, settings, options: { relaxed, threads }, log });
}
