import { beforeAll, expect, test } from 'vitest';
import type { WebgpuDevice, WebgpuDeviceOptions } from '../../../packages/webgpu-backend/src/device.js';
import { type Case, random, randomContract, randomLoops } from '../../../packages/cpu-backend/test/randomKernel.js';
import { environment } from './environment.js';
import { gpuSuite, openDevice } from './gpuSuite.js';
import { runByInterpreter, runOnGpu } from './harness.js';

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

    const agree = async ({ kernel, buffers, scalars, fault }: Case, seed: number): Promise<void> => {
      const wanted = runByInterpreter(kernel, buffers, scalars);
      const got = await runOnGpu(device, kernel, buffers, scalars);
      got.forEach((array, b) => {
        // whether an operand is looked at for an empty result is left open
        if (b === fault && kernel.body.kind === 'contract' && kernel.axes.includes(0)) return;
        array.forEach((value, i) => {
          if (b === fault && i > 0) return; // which of several is told is left open
          const want = wanted[b][i];
          if (value !== want && !(value !== value && want !== want))
            expect.fail(
              `seed ${seed}: buffer ${b} [${i}] is ${value}, not ${want}\n${JSON.stringify(kernel)}\n${device.source!(device.compile(kernel))}`,
            );
        });
      });
    };

    test(`${runs} from seed ${start}`, async () => {
      const pick = random(start);
      for (let done = 0; done < runs;) {
        const seed = pick(2 ** 31);
        const sample = make(seed);
        if (hasFloat64(sample) || sample.buffers.length > device.limits.maxBindings) continue;
        await agree(sample, seed);
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
