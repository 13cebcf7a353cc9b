export type * from './ir.js';
export { deviceBytes } from '@kindling/core';
export { wide } from './ir.js';
export { count, rowMajor } from './axes.js';
export { ownAxes } from './ownAxes.js';
export { collapseAxes } from './collapseAxes.js';
export { codesOf, storesOf } from './mapBody.js';
export type * from './device.js';
export { interpretKernel } from './interpretKernel.js';
export { validateKernel } from './validateKernel.js';
export { kernelBackend, synchronousBackend } from './kernelBackend.js';
// kernels in parts that run at the same time
export { type Part, part } from './split/part.js';
export { maskBeyond, maskReduction } from './split/mask.js';
export { chooseSplit, splitCode, splitSizes, splitStores } from './split/splitAxis.js';
export { type InParts, splitLoops } from './split/splitLoops.js';
// what scalars mean, for those who evaluate graphs or kernels without a compiler
export { bitcasting, casting, rounding } from './reference/convert.js';
export { reducer } from './reference/reducer.js';
export { scalarOp } from './reference/scalarOp.js';
