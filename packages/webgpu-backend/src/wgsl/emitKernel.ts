import type { Kernel } from '@kindling/compiler';
import { contractAsLoops } from './contractAsLoops.js';
import { emitLoops } from './emitLoops.js';
import type { ShaderLimits, Stage } from './stage.js';

/** The dispatches of a kernel, in order. */
export function emitKernel(kernel: Kernel, limits: ShaderLimits): Stage[] {
  return emitLoops(kernel.body.kind === 'contract' ? contractAsLoops(kernel) : kernel, limits);
}
