import { beforeAll, test } from 'vitest';
import type { WebgpuDevice, WebgpuDeviceOptions } from '../../../packages/webgpu-backend/src/device.js';
import {
  type Case,
  expectInterpreted,
  random,
  randomContract,
  randomLoops,
} from '../../../packages/cpu-backend/test/randomKernel.js';
import { environment } from './environment.js';
import { gpuSuite, openDevice } from './gpuSuite.js';
import { runOnGpu } from './harness.js';

const all = Number(environment('RUNS') || 60);
const start = Number(environment('SEED') || 1);

const hasFloat64 = ({ kernel }: Case) => JSON.stringify(kernel).includes('float64');

function suite(name: string, make: (seed: number) => Case, options: WebgpuDeviceOptions, runs = all): void {
  gpuSuite(`random ${name} agree with the interpreter`, () => {
    let device: WebgpuDevice;
    beforeAll(async () => {
      ({ device } = await openDevice(options));
      return () => device.close();
    });

    test(`${runs} from seed ${start}`, async () => {
      const pick = random(start);
      for (let done = 0; done < runs;) {
        const seed = pick(2 ** 31);
        const sample = make(seed);
        if (hasFloat64(sample) || sample.buffers.length > device.limits.maxBindings) continue;
        const { kernel, buffers, scalars } = sample;
        const got = await runOnGpu(device, kernel, buffers, scalars);
        expectInterpreted(sample, got, () => `seed ${seed}\n${device.source(device.compile(kernel))}`);
        done++;
      }
    });
  });
}

suite('loops', randomLoops, {});
suite('loops in parts', randomLoops, { split: 3 });
suite('contractions', randomContract, {});
// software adapters take long to compile the last
for (const [contractions, part] of [
  ['loops', 6],
  ['direct', 6],
  ['staged', 20],
] as const)
  for (const split of [1, 3])
    suite(
      `contractions as ${contractions} in ${split}`,
      randomContract,
      { contractions, split },
      Math.ceil(all / part),
    );
