import { create } from 'webgpu';
import { webgpuDevice, type WebgpuDeviceOptions } from '../../../packages/webgpu-backend/src/device.js';
import { expect, test } from 'vitest';
import { type Case, random, randomContract, randomLoops } from '../../../packages/cpu-backend/test/randomKernel.js';

// Dawn checks shaders without any driver: types, uniformity, limits. The limits here are those that every device has.
// Dawn goes when nobody holds it
const dawn = create(['backend=null']);

test.each([
  ['loops', randomLoops, {}],
  ['loops in parts', randomLoops, { split: 3 }],
  ['direct contractions', randomContract, { contractions: 'direct' }],
  ['staged contractions', randomContract, { contractions: 'staged' }],
  ['staged contractions in parts', randomContract, { contractions: 'staged', split: 3 }],
] as const)(
  'the shaders of random %s are valid',
  async (_, make: (seed: number) => Case, options: WebgpuDeviceOptions) => {
    const adapter = (await dawn.requestAdapter())!;
    const gpu = await adapter.requestDevice();
    const device = webgpuDevice(gpu, options);
    const pick = random(11);
    for (let i = 0; i < 200; i++) {
      const { kernel } = make(pick(2 ** 31));
      if (kernel.buffers.length > device.limits.maxBindings || JSON.stringify(kernel).includes('float64')) continue;
      gpu.pushErrorScope('validation');
      const executable = device.compile(kernel);
      const error = await gpu.popErrorScope();
      if (error !== null) expect.fail(`${error.message}\n${device.source(executable)}`);
    }
    await device.close();
  },
);
