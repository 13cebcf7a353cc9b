import type { FunctionBuilder, ModuleBuilder } from './assembler.js';
import { CLEAR_UPPER_HALVES } from './hostMath.js';

/** The function of a kernel: the argument block's address, units from and to, the working memory's address. */
export function kernelFunction(module: ModuleBuilder): FunctionBuilder {
  const fn = module.function('run', ['i32', 'i32', 'i32', 'i32']);
  const clear = module.host(CLEAR_UPPER_HALVES);
  if (clear >= 0) fn.call(clear).op('drop');
  return fn;
}
