import type { Backend } from '@kindling/core';
import { conformance } from '@kindling/testkit';
import { webgpu } from '@kindling/webgpu-backend';
import { afterAll, it } from 'vitest';
import { gpuSuite } from './gpuSuite.js';

// Chromium's software adapter takes many times as long for a shader: all operations there, but fewer random expressions
const expressions = 'document' in globalThis ? 10 : 100;

gpuSuite('the WebGPU backend conforms', () => {
  let backend: Backend;
  const open = async (): Promise<Backend> => (backend = await webgpu());
  afterAll(() => backend.close());
  const supports = { dtypes: ['float32', 'int32', 'uint32', 'bool'] } as const;
  for (const { name, run } of conformance('webgpu', open, { supports, expressions })) it(name, run);
});
