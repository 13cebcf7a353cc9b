/** `[2, 3]` */
export function showShape(shape: readonly number[]): string {
  return `[${shape.join(', ')}]`;
}
