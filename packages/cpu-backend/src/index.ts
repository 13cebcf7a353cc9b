export { cpuDevice, type CpuDeviceOptions } from './device.js';
