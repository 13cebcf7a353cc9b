import type { Backend } from '@kindling/core';
import { webgpu } from '@kindling/webgpu-backend';
import { admissionSuite as lossAdmissionSuite } from '../../../packages/losses/test/admissionSuite.js';
import { behaviourSuite } from '../../../packages/losses/test/behaviourSuite.js';
import { goldenSuite } from '../../../packages/losses/test/goldenSuite.js';
import { severalSuite } from '../../../packages/losses/test/severalSuite.js';
import { admissionSuite as optimizerAdmissionSuite } from '../../../packages/optimizers/test/admissionSuite.js';
import { clippingSuite } from '../../../packages/optimizers/test/clippingSuite.js';
import { lbfgsSuite } from '../../../packages/optimizers/test/lbfgsSuite.js';
import { trajectorySuite } from '../../../packages/optimizers/test/trajectorySuite.js';
import { gpuSuite } from './gpuSuite.js';

gpuSuite('losses and optimizers', () => {
  const open = (): Promise<Backend> => webgpu();
  goldenSuite('WebGPU', open, ['float32']);
  severalSuite('WebGPU', 'float32', open);
  behaviourSuite('WebGPU', open, { hasFloat64: false });
  lossAdmissionSuite('WebGPU', open, { dtypes: ['float32'] });
  trajectorySuite('WebGPU', open, ['float32']);
  clippingSuite('WebGPU', open);
  lbfgsSuite('WebGPU', open, ['float32']);
  // the order of a sum depends on what is fused with it, and a line search makes much of last places: the suite above
  // holds compiled steps and others to PyTorch's numbers
  optimizerAdmissionSuite('WebGPU', open, { lbfgs: ['compiled, its steps are the same'] });
});
