/** WebGPU's constants: fixed numbers, where the global objects that hold them may be missing. */
export const bufferUsage = {
  mapRead: 1,
  copySource: 4,
  copyTarget: 8,
  uniform: 64,
  storage: 128,
  queryResolve: 512,
} as const;
export const MAP_READ = 1;
export const COMPUTE_STAGE = 4;
