import { measureWorks } from '../measureWorks.mjs';
import { peers } from '../peers/webgpu.mjs';
import { settingsFor } from '../settings.mjs';
import { works } from '../works/index.mjs';
import { describeAdapter } from './adapter.mjs';

/** The works of a GPU, large ones only where it is one. For Node and for browsers. */
export async function measureOnGpu({ names, rounds, clock, tune }, log) {
  const adapter = await describeAdapter();
  const measured = await measureWorks({
    peers,
    works: adapter.isSoftware ? works.softwareGpu : works.gpu,
    names,
    settings: settingsFor(rounds, clock),
    options: { tune },
    log,
  });
  return { adapter, ...measured };
}
