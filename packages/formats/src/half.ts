/** The numbers of IEEE half-precision bit patterns. */
export function fromHalf(bits: ArrayLike<number>): Float32Array<ArrayBuffer> {
  return Float32Array.from(bits, (half) => {
    const sign = half & 0x8000 ? -1 : 1;
    const exponent = (half >> 10) & 31;
    const fraction = half & 1023;
    if (exponent === 0) return sign * fraction * 2 ** -24;
    if (exponent === 31) return fraction === 0 ? sign * Infinity : NaN;
    return sign * (1024 + fraction) * 2 ** (exponent - 25);
  });
}

/** The half-precision bit patterns nearest to float32 numbers, halves to even; beyond 65504 infinity. */
export function toHalf(values: ArrayLike<number>): Uint16Array<ArrayBuffer> {
  const word = new Uint32Array(1);
  const number = new Float32Array(word.buffer);
  return Uint16Array.from(values, (value) => {
    number[0] = value;
    const bits = word[0];
    const sign = (bits >>> 16) & 0x8000;
    const exponent = (bits >>> 23) & 255;
    const fraction = bits & 0x7fffff;
    if (exponent === 255) return sign | 0x7c00 | (fraction === 0 ? 0 : 0x200);
    if (exponent > 142) return sign | 0x7c00;
    // 24 significant bits, of which a normal half keeps 11 and a subnormal one fewer
    const significand = exponent === 0 ? fraction : fraction | 0x800000;
    const shift = exponent < 113 ? 126 - exponent : 13;
    if (shift > 24) return sign;
    const kept = significand >>> shift;
    const rest = significand & ((1 << shift) - 1);
    const middle = 1 << (shift - 1);
    const rounded = kept + (rest > middle || (rest === middle && (kept & 1) === 1) ? 1 : 0);
    // a carry out of the fraction rightly goes into the exponent; a normal number's leading 1 is not stored
    return sign | (exponent < 113 ? rounded : rounded + ((exponent - 113) << 10));
  });
}

/** The numbers of bfloat16 bit patterns, exactly. */
export function fromBrain(bits: ArrayLike<number>): Float32Array<ArrayBuffer> {
  return new Float32Array(Uint32Array.from(bits, (half) => half << 16).buffer);
}
