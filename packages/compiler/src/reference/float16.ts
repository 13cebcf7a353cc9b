/** Rounds to the nearest float16, ties to even. */
export function roundToHalf(x: number): number {
  if (!Number.isFinite(x) || x === 0) return x;
  const size = Math.abs(x);
  if (size >= 65520) return x < 0 ? -Infinity : Infinity;
  // Adding and taking away 2⁵² units of the last place leaves the rounding to the float64 addition.
  const exponent = Math.max(exponentOf(size), -14);
  const shift = 2 ** (exponent - 10 + 52);
  const rounded = size + shift - shift;
  return x < 0 ? -rounded : rounded;
}

/** The bits of a value that is a float16 already. */
export function halfToBits(x: number): number {
  if (x !== x) return 0x7e00;
  const sign = x < 0 || Object.is(x, -0) ? 0x8000 : 0;
  const size = Math.abs(x);
  if (size === Infinity) return sign | 0x7c00;
  if (size < 2 ** -14) return sign | (size * 2 ** 24);
  const exponent = exponentOf(size);
  return sign | ((exponent + 15) << 10) | ((size / 2 ** exponent - 1) * 1024);
}

export function halfFromBits(bits: number): number {
  const sign = bits & 0x8000 ? -1 : 1;
  const exponent = (bits >> 10) & 31;
  const fraction = bits & 1023;
  if (exponent === 31) return fraction === 0 ? sign * Infinity : NaN;
  if (exponent === 0) return sign * fraction * 2 ** -24;
  return sign * (1 + fraction / 1024) * 2 ** (exponent - 15);
}

/** float16 on the way to a device and back. */
export interface Float16Bits {
  readonly toBits: (x: number) => number;
  readonly fromBits: (bits: number) => number;
}
export const float16Bits: Float16Bits = { toBits: (x) => halfToBits(roundToHalf(x)), fromBits: halfFromBits };

/** ⌊log₂ x⌋ of a positive finite number; at most −1023 for a subnormal. */
function exponentOf(x: number): number {
  const words = new DataView(new ArrayBuffer(8));
  words.setFloat64(0, x);
  return ((words.getUint32(0) >>> 20) & 2047) - 1023;
}
