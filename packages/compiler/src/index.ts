export type * from './ir.js';
export { deviceBytes } from './ir.js';
export type * from './device.js';
export { interpretKernel } from './interpretKernel.js';
export { validateKernel } from './validateKernel.js';
export { kernelBackend } from './kernelBackend.js';
// what scalars mean, for those who evaluate graphs or kernels without a compiler
export { bitcasting, casting, rounding } from './reference/convert.js';
export { reducer } from './reference/reducer.js';
export { scalarOp } from './reference/scalarOp.js';
