import type { Ids } from '@kindling/compiler';
import type { ContractPlan } from './contractPlan.js';
import type { Emitted, LoopsForm } from './emitLoops.js';

/** How the passes of a kernel run, for people. A module of its own, which is loaded when somebody asks. */
export function listing(passes: readonly (Emitted & { readonly bytes: Uint8Array })[]): string {
  return passes
    .map(({ form, bytes }) => `${'tile' in form ? contract(form) : loops(form)}\n${bytes.length} bytes of WebAssembly`)
    .join('\n');
}

function shower(sizes: Ids): (axes: Ids) => string {
  return (axes) => axes.map((axis) => `a${axis}<${sizes[axis]}`).join(' ');
}

function loops({ kernel, outer, width, lanes, unroll, blocks }: LoopsForm): string {
  const show = shower(kernel.axes);
  return [
    `loops ${show(outer)}: lanes ${width}${lanes < 0 ? '' : ` along a${lanes} × ${unroll}`}`,
    ...blocks.map((block) => `  block ${show(block.inner)}${block.across ? ` (lanes × ${block.unroll})` : ''}`),
  ].join('\n');
}

function contract(plan: ContractPlan): string {
  const { kernel, body, tile, width, rowBlock, stripBlock, blockDepth, batches } = plan;
  const show = shower(kernel.axes);
  const strip = tile.vectors * width;
  return [
    `contract ${body.dtype} m(${show(body.m)}) n(${show(body.n)}) k(${show(body.k)}) × ${batches}`,
    `  tile ${tile.rows} × ${strip}, blocks ${rowBlock} × ${stripBlock * strip} × ${blockDepth}`,
    `  a ${plan.windows ? 'windows' : plan.a ? 'in place' : 'packed'}, b ${plan.b ? 'in place' : 'packed'}`,
    `  epilogue on ${plan.inRegisters ? 'registers' : 'blocks'}: ${body.epilogue.code.map(({ op }) => op).join(', ')}`,
  ].join('\n');
}
