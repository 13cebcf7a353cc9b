import type { Kernel } from '@kindling/compiler';
import { contractAsLoops } from './contractAsLoops.js';
import { chooseTiles, sizeOfContract } from './contractTiles.js';
import { emitContract } from './emitContract.js';
import { emitLoops } from './emitLoops.js';
import type { ShaderLimits, Stage } from './stage.js';

/** The dispatches of a kernel, in order. */
export function emitKernel(kernel: Kernel, limits: ShaderLimits): Stage[] {
  if (kernel.body.kind === 'loops') return emitLoops(kernel, limits);
  const size = sizeOfContract(kernel);
  const tiles = chooseTiles(size, limits);
  return tiles.kind === 'loops' ? emitLoops(contractAsLoops(kernel), limits) : emitContract(kernel, size, tiles);
}
