export { customGradient, noGrad } from '@kindling/core';
export { backward, type BackwardOptions } from './backward.js';
export { checkpoint } from './checkpoint.js';
export { findNonFinite, type NonFinite, type NonFiniteInput } from './findNonFinite.js';
export { grad, type GradOptions } from './grad.js';
export { gradcheck, type GradcheckOptions } from './gradcheck.js';
export { valueAndGrad, type ValueAndGradOptions } from './valueAndGrad.js';
