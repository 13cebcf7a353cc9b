import type { Group } from './group.js';
import type { Value } from './value.js';

/**
 * Values of a group that must stand in memory for its kernel to have no more than `maxBindings` buffers: a sum of a hundred
 * tensors becomes a few sums of sums. Each kernel takes in as much as it can.
 */
export function tooWide(group: Group, maxBindings: number): Value[] {
  const values = [...group.inside].sort((a, b) => a.id - b.id);
  const notesFaults = values.some(({ role }) => role === 'gather' || role === 'scatter');
  const most = Math.max(3, maxBindings - group.roots.length - (notesFaults ? 1 : 0));
  const stored: Value[] = [];
  /** For each value the buffers that it is computed from. */
  const reads = new Map<Value, ReadonlySet<Value>>();
  const readsOf = (v: Value): ReadonlySet<Value> => {
    if (v.role === 'leaf') return v.op === 'input' ? new Set([v]) : new Set();
    return reads.get(v) ?? (v.role === 'movement' ? readsOf(v.inputs[0]) : new Set([v]));
  };
  for (const v of values) {
    for (;;) {
      const all = new Set(v.inputs.flatMap((input) => [...readsOf(input)]));
      const widest = v.inputs.reduce((a, b) => (readsOf(b).size > readsOf(a).size ? b : a));
      if (all.size <= most || readsOf(widest).size <= 1) {
        reads.set(v, all);
        break;
      }
      stored.push(widest);
      reads.set(widest, new Set([widest]));
    }
  }
  return stored;
}
