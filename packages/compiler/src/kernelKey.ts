import type { Kernel } from './ir.js';
import { codesOf } from './mapBody.js';

const keys = new WeakMap<Kernel, string>();

/** Equal for equal kernels. */
export function kernelKey(kernel: Kernel): string {
  let key = keys.get(kernel);
  if (key === undefined) keys.set(kernel, (key = JSON.stringify(kernel) + unlikeJson(kernel)));
  return key;
}

/** The literals that JSON does not have: −0, NaN and ±∞. */
function unlikeJson({ body }: Kernel): string {
  let text = '';
  codesOf(body).forEach((code, c) =>
    code.forEach((inst, i) => {
      if (inst.op !== 'const') return;
      if (Object.is(inst.arg, -0)) text += ` ${c} ${i} -0`;
      else if (!Number.isFinite(inst.arg)) text += ` ${c} ${i} ${inst.arg}`;
    }),
  );
  return text;
}
