import { bufferUsage } from './flags.js';
import { encode } from './dispatches.js';
import type { LaunchMemory } from './launchMemory.js';
import type { ReadBack } from './readBack.js';
import type { GpuRecording } from './recording.js';

/** Launches that one query set holds two time stamps of; devices have at most 4,096. */
const MOST = 2048;

/** Runs launches, each in a pass of its own between two time stamps. Resolves to the milliseconds of each. */
export async function timeLaunches(
  gpu: GPUDevice,
  memory: LaunchMemory,
  readBack: ReadBack,
  recording: GpuRecording,
  launches: number,
  scalars: Float64Array,
): Promise<readonly (number | undefined)[]> {
  if (!gpu.features.has('timestamp-query') || launches > MOST || launches === 0) {
    recording.run(scalars);
    return new Array<undefined>(launches).fill(undefined);
  }
  const { dispatches } = recording.prepare(scalars);
  const queries = gpu.createQuerySet({ type: 'timestamp', count: 2 * launches });
  const stamps = gpu.createBuffer({ size: 16 * launches, usage: bufferUsage.queryResolve | bufferUsage.copySource });
  const encoder = gpu.createCommandEncoder();
  const ran = new Set<number>();
  for (let i = 0, next: number; i < dispatches.length; i = next) {
    const { launch } = dispatches[i];
    for (next = i; next < dispatches.length && dispatches[next].launch === launch;) next++;
    ran.add(launch);
    const pass = encoder.beginComputePass({
      timestampWrites: {
        querySet: queries,
        beginningOfPassWriteIndex: 2 * launch,
        endOfPassWriteIndex: 2 * launch + 1,
      },
    });
    encode(pass, dispatches.slice(i, next), memory.group, scalars);
    pass.end();
  }
  encoder.resolveQuerySet(queries, 0, 2 * launches, stamps, 0);
  gpu.queue.submit([encoder.finish()]);
  const bytes = await readBack.read(stamps, 0, 16 * launches);
  queries.destroy();
  stamps.destroy();
  const times = new BigUint64Array(bytes.buffer);
  return Array.from({ length: launches }, (_, i) =>
    ran.has(i) ? Math.max(0, Number(times[2 * i + 1] - times[2 * i]) / 1e6) : 0,
  );
}
