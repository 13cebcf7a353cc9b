export type * from './ir.js';
export { deviceBytes } from './ir.js';
export type * from './device.js';
export { interpretKernel } from './interpretKernel.js';
export { validateKernel } from './validateKernel.js';
