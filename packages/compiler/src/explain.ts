import type { Inst, Kernel } from './ir.js';
import type { Plan } from './plan.js';
import { workOf } from './work.js';

/** A plan for people: its kernels, what they read and write, and their work. */
export async function explainPlan(
  plan: Plan,
  source: (step: number) => string | Promise<string> | undefined,
): Promise<string> {
  const lines = [`${plan.steps.length} kernels, ${plan.work.reduce((a, b) => a + b, 0)} bytes of workspace`];
  for (const [i, { kernel, segments }] of plan.steps.entries()) {
    const lengths = kernel.segmented
      ? ` over ${segments.length} segments of ${segments.map((s) => s.length).join(', ')}`
      : '';
    const { bytes, flop } = workOf(kernel, segments.map((s) => s.length)); // prettier-ignore
    lines.push(`kernel ${i}${lengths}: ${bytes} bytes, ${flop} FLOP`, indent(showKernel(kernel)));
    const text = await source(i);
    if (text !== undefined) lines.push(indent(text));
  }
  return lines.join('\n');
}

function indent(text: string): string {
  return text.replace(/^/gm, '  ');
}

function showKernel(kernel: Kernel): string {
  const ids = (list: readonly number[]): string =>
    list.map((k) => `i${k}<${kernel.segmented ? 'length' : kernel.axes[k]}`).join(', ');
  const { body } = kernel;
  if (body.kind === 'contract')
    return [
      `contract batch (${ids(body.batch)}) m (${ids(body.m)}) n (${ids(body.n)}) k (${ids(body.k)})`,
      'a', indent(showCode(body.a.code)), 'b', indent(showCode(body.b.code)), 'epilogue',
      indent(showCode(body.epilogue.code)),
      ...body.epilogue.stores.map((s) => `  ${showAt(s.at)} ← %${s.value}`),
    ].join('\n'); // prettier-ignore
  return [
    `for (${ids(body.outer)})`,
    ...body.blocks.map((b) =>
      indent(
        [
          `for (${ids(b.inner)})`,
          indent(showCode(b.code)),
          ...b.stores.map((s) => `  ${showAt(s.at)} ${s.mode === 'add' ? '+=' : '←'} %${s.value}`),
          ...b.reduces.map((r) => `  ${r.op} %${r.value}`),
        ].join('\n'),
      ),
    ),
  ].join('\n');
}

function showCode(code: readonly Inst[]): string {
  return code
    .map((i, n) => {
      const what =
        'in' in i ? `${i.op} ${i.in.map((k) => `%${k}`).join(' ')}`
        : i.op === 'load' ? `load ${showAt(i.at)}`
        : i.op === 'index' ? `index ${showAffine(i.at)}`
        : i.op === 'prior' ? `prior ${i.block}.${i.reduce}`
        : i.op === 'acc' ? 'acc' : `${i.op} ${i.arg}`; // prettier-ignore
      return `%${n} = ${what} : ${i.dtype}`;
    })
    .join('\n');
}

function showAffine({ base, stride }: { readonly base: number; readonly stride: readonly number[] }): string {
  const terms = stride.flatMap((s, k) => (s === 0 ? [] : [s === 1 ? `i${k}` : `${s}·i${k}`]));
  return [...terms, ...(base !== 0 || terms.length === 0 ? [String(base)] : [])].join(' + ');
}

function showAt(at: Extract<Inst, { op: 'load' }>['at']): string {
  const by = (at.by ?? []).map((b) => ` + ${b.stride}·%${b.value}`).join('');
  const bounds = (at.bounds ?? []).map((b) => ` if ${b.lo} ≤ ${showAffine(b.at)} < ${b.hi}`).join('');
  return `b${at.buffer}[${showAffine(at.index)}${by}]${bounds}`;
}
