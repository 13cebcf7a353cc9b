import { type Affine, count, type Kernel, type Loops } from '@kindling/compiler';

/**
 * How a workgroup is laid out: `outer` indices side by side, and for each of them `inner` invocations that share its
 * inner axes. Both are powers of two.
 */
export interface Groups {
  readonly outer: number;
  readonly inner: number;
  /** Whether neighbouring invocations have neighbouring outer indices. */
  readonly outerFirst: boolean;
}

/** Indices of the inner axes that one invocation may walk alone. */
const ALONE = 16;
/** Outer indices that keep a device busy without help. */
const MANY = 8192;

export function chooseGroups(kernel: Kernel, body: Loops, invocations: number): Groups {
  const { axes } = kernel;
  const rows = count(body.outer, axes);
  const inner = Math.max(1, ...body.blocks.map((block) => count(block.inner, axes)));
  const outerFirst = alongOuter(body, axes) > 0;
  const alone = inner <= ALONE || (rows >= MANY && outerFirst && inner <= 1024);
  if (alone) return { outer: Math.min(rows >= 65_536 ? 256 : 64, invocations), inner: 1, outerFirst: true };
  const most = Math.min(256, invocations);
  // four elements each, and no more workgroups than keep the device busy
  let lanes = 8;
  while (lanes < most && lanes * 8 <= inner && rows * lanes < 65_536) lanes *= 2;
  let outer = 1;
  while (outer * lanes < 64 && outer < rows) outer *= 2;
  return { outer, inner: lanes, outerFirst };
}

/** How many more accesses run along the last outer axis than along the last inner one. */
function alongOuter({ outer, blocks }: Loops, axes: readonly number[]): number {
  const last = (list: readonly number[]) => [...list].reverse().find((axis) => axes[axis] > 1);
  const outerAxis = last(outer);
  let votes = 0;
  for (const { inner, code, stores } of blocks) {
    const innerAxis = last(inner);
    if (innerAxis === undefined) continue;
    const vote = ({ stride }: Affine) => {
      if (Math.abs(stride[innerAxis]) === 1) votes--;
      else if (outerAxis !== undefined && Math.abs(stride[outerAxis]) === 1) votes++;
    };
    for (const inst of code) if (inst.op === 'load') vote(inst.at.index);
    for (const { at } of stores) vote(at.index);
  }
  return votes;
}
