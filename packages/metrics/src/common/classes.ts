import { integer, KindlingError } from '@kindling/core';
import type { Items } from './items.js';

export const ignoreIndex = /* @__PURE__ */ integer({
  default: -100,
  description: 'targets of this class do not count',
});

/** The class of an item's target; undefined where it is to be ignored. */
export function classOf(
  operation: string,
  items: Items,
  item: number,
  classes: number,
  ignored: number,
): number | undefined {
  const { target, perClass, width } = items;
  if (perClass) return largest(target, item * width, width);
  const value = target[item];
  if (value === ignored) return undefined;
  requireClass(operation, value, classes, item);
  return value;
}

export function requireClass(operation: string, value: number, classes: number, row: number): void {
  if (!(Number.isInteger(value) && value >= 0 && value < classes))
    throw new KindlingError(
      `${operation}: row ${row} has class ${value}; classes are the integers ${classes === Infinity ? 'from 0' : `0 to ${classes - 1}`}.`,
    );
}

/** The first of the largest. NaN loses to every number, so that a row of NaN is class 0 and never crashes a report. */
export function largest(data: ArrayLike<number>, from: number, width: number): number {
  let [best, index] = [-Infinity, 0];
  for (let i = 0; i < width; i++) if (data[from + i] > best) [best, index] = [data[from + i], i];
  return index;
}

/** Labels of an item, 0 or 1 each. */
export function labelOf(operation: string, items: Items, item: number, label: number): 0 | 1 {
  const value = items.target[item * items.width + label];
  if (value === 0 || value === 1) return value;
  throw new KindlingError(`${operation}: label ${label} of row ${item} is ${value}; labels are 0 or 1.`);
}

export function requireLabels(operation: string, items: Items): void {
  if (!items.perClass && items.width !== 1)
    throw new KindlingError(
      `${operation}: several labels a row need targets with one number per label, as the outputs.`,
    );
}
