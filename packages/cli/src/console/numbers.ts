/** A number as people read it: about four significant digits, never `0.30000000000000004`. */
export function shown(value: number, digits = 4): string {
  if (!Number.isFinite(value)) return Number.isNaN(value) ? 'NaN' : value > 0 ? '∞' : '−∞';
  if (value === 0) return '0';
  const size = Math.abs(value);
  if (size >= 1e6 || size < 1e-4) return value.toExponential(Math.max(1, digits - 2)).replace(/\.?0+e/, 'e');
  if (Number.isInteger(value)) return String(value);
  const whole = Math.max(0, Math.floor(Math.log10(size)) + 1);
  return value.toFixed(Math.max(size >= 1 ? 1 : digits, digits - whole) === 0 ? 0 : Math.max(digits - whole, 0));
}

/** A setting as it was given, not padded: `0.001`, `3e-7`. */
export function brief(value: number): string {
  return String(Number(value.toPrecision(4)));
}

/** Counts with thousands apart: `12,345`. */
export function count(value: number): string {
  return value.toLocaleString('en-US');
}

/** Seconds: `0.8 s`, `12 s`, `3 min 5 s`. */
export function duration(seconds: number): string {
  if (seconds < 10) return `${seconds.toFixed(1)} s`;
  if (seconds < 90) return `${Math.round(seconds)} s`;
  return `${Math.floor(seconds / 60)} min ${Math.round(seconds % 60)} s`;
}

/** `1 row`, `2 rows`. */
export function plural(n: number, word: string, words = `${word}s`): string {
  return `${count(n)} ${n === 1 ? word : words}`;
}
