import type { Kernel } from '@kindling/compiler';
import type { ModuleBuilder } from './assembler.js';
import type { Emitted } from './emitLoops.js';

export function emitContract(_kernel: Kernel, _module: ModuleBuilder, _relaxed: boolean): Emitted {
  throw new Error('not yet');
}
