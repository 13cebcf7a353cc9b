import type { Backend } from '@kindling/core';
import { conformance } from '@kindling/testkit';
import { webgpu } from '@kindling/webgpu-backend';
import { afterAll, it } from 'vitest';
import { gpuSuite } from './gpuSuite.js';

gpuSuite('the WebGPU backend conforms', () => {
  let backend: Backend;
  const open = async (): Promise<Backend> => (backend = await webgpu());
  afterAll(() => backend.close());
  const supports = { dtypes: ['float32', 'int32', 'uint32', 'bool'] } as const;
  for (const { name, run } of conformance('webgpu', open, { supports })) it(name, run);
});
