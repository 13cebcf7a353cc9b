import { webgpu } from '@kindling/webgpu-backend';
import { behaviourSuite } from '../../../packages/losses/test/behaviourSuite.js';
import { goldenSuite } from '../../../packages/losses/test/goldenSuite.js';
import { clippingSuite } from '../../../packages/optimizers/test/clippingSuite.js';
import { trajectorySuite } from '../../../packages/optimizers/test/trajectorySuite.js';
import { gpuSuite } from './gpuSuite.js';

gpuSuite('losses and optimizers', () => {
  const open = () => webgpu();
  goldenSuite('WebGPU', open);
  behaviourSuite('WebGPU', open);
  trajectorySuite('WebGPU', open);
  clippingSuite('WebGPU', open);
});
