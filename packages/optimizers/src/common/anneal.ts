/** From `from` to `to` as `part` goes from 0 to 1, along half a cosine or a line. */
export function anneal(strategy: 'cos' | 'linear', from: number, to: number, part: number): number {
  return strategy === 'cos' ? to + ((from - to) / 2) * (1 + Math.cos(Math.PI * part)) : from + (to - from) * part;
}
