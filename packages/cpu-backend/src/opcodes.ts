/** Instruction encodings by their names in the WebAssembly text format. 0xfdxx are the SIMD ones. */
const simd = (first: number, ...names: string[]): [string, number][] =>
  names.map((name, i) => [name, 0xfd00 + first + i]);
const family = (shape: string, first: number, names: string): [string, number][] =>
  simd(first, ...names.split(' ').map((name) => `${shape}.${name}`));
const plain = (first: number, shape: string, names: string): [string, number][] =>
  names.split(' ').map((name, i) => [shape ? `${shape}.${name}` : name, first + i]);

const floatArithmetic = 'sqrt add sub mul div min max pmin pmax';

export const OPCODES: ReadonlyMap<string, number> = /* @__PURE__ */ new Map<string, number>([
  ['else', 0x05],
  ['end', 0x0b],
  ['select', 0x1b],
  ['i32.load', 0x28],
  ['f32.load', 0x2a],
  ['f64.load', 0x2b],
  ['i32.store', 0x36],
  ['f32.store', 0x38],
  ['f64.store', 0x39],
  ...plain(0x45, 'i32', 'eqz eq ne lt_s lt_u gt_s gt_u le_s le_u ge_s ge_u'),
  ['f64.ne', 0x62],
  ...plain(0x6a, 'i32', 'add sub mul div_s div_u rem_s rem_u and or xor shl shr_s shr_u'),
  ['f32.add', 0x92],
  ['f64.add', 0xa0],
  ['f32.demote_f64', 0xb6],
  ['f64.convert_i32_s', 0xb7],
  ['f64.convert_i32_u', 0xb8],
  ['f64.promote_f32', 0xbb],
  ['i32.trunc_sat_f64_s', 0xfc02],
  ['i32.trunc_sat_f64_u', 0xfc03],
  ['v128.load', 0xfd00],
  ...simd(0x09, 'v128.load32_splat', 'v128.load64_splat', 'v128.store', 'v128.const', 'i8x16.shuffle'),
  ...simd(0x11, 'i32x4.splat', 'i64x2.splat', 'f32x4.splat', 'f64x2.splat'),
  ...simd(0x1b, 'i32x4.extract_lane', 'i32x4.replace_lane', 'i64x2.extract_lane', 'i64x2.replace_lane'),
  ...simd(0x1f, 'f32x4.extract_lane', 'f32x4.replace_lane', 'f64x2.extract_lane', 'f64x2.replace_lane'),
  ...family('i32x4', 0x37, 'eq ne lt_s lt_u gt_s gt_u le_s le_u ge_s ge_u'),
  ...family('f32x4', 0x41, 'eq ne lt gt le ge'),
  ...family('f64x2', 0x47, 'eq ne lt gt le ge'),
  ...family('v128', 0x4d, 'not and andnot or xor bitselect any_true'),
  ...simd(0x56, 'v128.load32_lane', 'v128.load64_lane'),
  ...simd(0x5a, 'v128.store32_lane', 'v128.store64_lane', 'v128.load32_zero', 'v128.load64_zero'),
  ...simd(0x5e, 'f32x4.demote_f64x2_zero', 'f64x2.promote_low_f32x4'),
  ...family('f32x4', 0x67, 'ceil floor trunc nearest'),
  ...family('f64x2', 0x74, 'ceil floor'),
  ['f64x2.trunc', 0xfd7a],
  ['f64x2.nearest', 0xfd94],
  ...family('i32x4', 0xa0, 'abs neg'),
  ...family('i32x4', 0xab, 'shl shr_s shr_u add'),
  ['i32x4.sub', 0xfdb1],
  ...family('i32x4', 0xb5, 'mul min_s min_u max_s max_u'),
  ...simd(0xc7, 'i64x2.extend_low_i32x4_s'),
  ...family('f32x4', 0xe0, 'abs neg'),
  ...family('f32x4', 0xe3, floatArithmetic),
  ...family('f64x2', 0xec, 'abs neg'),
  ...family('f64x2', 0xef, floatArithmetic),
  ...simd(0xf8, 'i32x4.trunc_sat_f32x4_s', 'i32x4.trunc_sat_f32x4_u', 'f32x4.convert_i32x4_s', 'f32x4.convert_i32x4_u'),
  ...simd(0xfc, 'i32x4.trunc_sat_f64x2_s_zero', 'i32x4.trunc_sat_f64x2_u_zero'),
  ...simd(0xfe, 'f64x2.convert_low_i32x4_s', 'f64x2.convert_low_i32x4_u'),
  ['f32x4.relaxed_madd', 0xfd00 + 0x105],
  ['f64x2.relaxed_madd', 0xfd00 + 0x107],
]);
