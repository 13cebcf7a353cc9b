import type { Ids } from '@kindling/compiler';

/** Lines that take a row-major position (u32) apart into the places on its axes, named by `name`. */
export function decompose(position: string, axes: Ids, sizes: Ids, name: (axis: number) => string): string[] {
  const lines: string[] = [];
  const real = axes.filter((axis) => sizes[axis] !== 1);
  let rest = position;
  [...real].reverse().forEach((axis, i) => {
    const last = i === real.length - 1;
    lines.push(`let ${name(axis)} = i32(${last ? rest : `${rest} % ${sizes[axis]}u`});`);
    if (last) return;
    lines.push(`let ${name(axis)}_rest = ${rest} / ${sizes[axis]}u;`);
    rest = `${name(axis)}_rest`;
  });
  return lines;
}
