export type * from './ir.js';
export { deviceBytes } from './ir.js';
export type * from './device.js';
