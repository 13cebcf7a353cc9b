import { randomArray } from './random.mjs';

/** What an operation costs beside its work: each waits for the one before, and the last is read. */
export function adds(count, size) {
  return { kind: 'adds', title: `${count} dependent adds on [${size}] and one read`, count, x: randomArray(size), y: randomArray(size) }; // prettier-ignore
}
