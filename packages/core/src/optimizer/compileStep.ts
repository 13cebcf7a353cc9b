import { compile, type CompileOptions, type GivenArguments } from '../compile.js';
import { noGrad } from '../node.js';
import type { Tensor } from '../tensor.js';
import type { Optimizer } from './optimizer.js';

export interface CompileStepOptions<A extends readonly unknown[], R> extends CompileOptions {
  /** Follows the step, once, with the loss before it; what it returns is the result. Default: that loss. */
  readonly after?: (loss: Tensor, ...args: A) => R;
}

/**
 * A training step of any optimizer, as fast as it can be: one program where a compiled function may contain the step,
 * else the closure is one. `closure` gets the arguments of the step, and is called as often as the optimizer wants.
 * Await the result: some optimizers are asynchronous.
 */
export function compileStep<A extends readonly unknown[], R = Tensor>(
  optimizer: Pick<Optimizer, 'compiles' | 'step'>,
  closure: (...args: A) => Tensor,
  { after = first as never, ...options }: CompileStepOptions<A, R> = {},
): (...args: GivenArguments<A>) => R | Promise<R> {
  if (optimizer.compiles) {
    const body = (...args: A): R => after(optimizer.step(() => closure(...args)) as Tensor, ...args);
    return compile(body as (...args: A) => never, options);
  }
  const evaluation = compile(closure, options);
  return async (...args) => {
    const loss = await optimizer.step(() => evaluation(...args));
    return noGrad(() => after(loss, ...(args as unknown as A)));
  };
}

function first<T>(loss: T): T {
  return loss;
}
