import type { Backend } from '@kindling/core';
import { webgpu } from '@kindling/webgpu-backend';
import { admissionSuite } from '../../../packages/losses/test/admissionSuite.js';
import { behaviourSuite } from '../../../packages/losses/test/behaviourSuite.js';
import { goldenSuite } from '../../../packages/losses/test/goldenSuite.js';
import { severalSuite } from '../../../packages/losses/test/severalSuite.js';
import { clippingSuite } from '../../../packages/optimizers/test/clippingSuite.js';
import { trajectorySuite } from '../../../packages/optimizers/test/trajectorySuite.js';
import { gpuSuite } from './gpuSuite.js';

gpuSuite('losses and optimizers', () => {
  const open = (): Promise<Backend> => webgpu();
  goldenSuite('WebGPU', open, ['float32']);
  severalSuite('WebGPU', 'float32', open);
  behaviourSuite('WebGPU', open, { hasFloat64: false });
  admissionSuite('WebGPU', open, { dtypes: ['float32'] });
  trajectorySuite('WebGPU', open, ['float32']);
  clippingSuite('WebGPU', open);
});
