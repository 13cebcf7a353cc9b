/**
 * Functions that kernels may call. WGSL lets an implementation assume that there is no NaN and no infinity, and says
 * little of the accuracy of its own functions: so these test bits, take ∞ and NaN from the launch block, and compute
 * the elementary functions by our own polynomials, within a few units in the last place.
 */
export interface LibraryFunction {
  readonly needs: readonly string[];
  readonly text: string;
}

/** Exact: every float32 is a float64, and its shortest decimal reads back as itself. */
const f = (x: number): string => {
  const text = String(Math.fround(x));
  return /[.e]/.test(text) ? `${text}f` : `${text}.0f`;
};

function polynomial(x: string, coefficients: readonly number[]): string {
  return coefficients.reduceRight((sum, c) => (sum === '' ? f(c) : `fma(${sum}, ${x}, ${f(c)})`), '');
}

/** ln 2 in two parts: the first has so few bits that its multiples by an exponent are exact. */
const LN2_HIGH = 0.693359375;
const LN2_LOW = Math.LN2 - LN2_HIGH;

const expTerms = [0.49999994, 0.166665152, 0.041668456, 0.00836941879, 0.00138131448];
const logTerms = [0.333333313, -0.250008196, 0.200012267, -0.166233569, 0.142017573, -0.131601825, 0.127615765, -0.0763449669]; // prettier-ignore
const sinTerms = [-0.166666552, 0.00833215564, -0.000195146305];
const cosTerms = [0.0416666456, -0.00138873095, 2.44324128e-5];
const tanhTerms = [-0.333332807, 0.133314416, -0.0537397116, 0.0206390787, -0.00570497848];
const erfTerms = [0.128379166, -0.37612626, 0.112835854, -0.026853811, 0.00518832728, -0.000801019138, 7.85385419e-5];
/** Beyond 1: the logarithm of erfc is nearly a polynomial. */
const logErfcTerms = [-0.000341512583, -1.12708926, -0.638144732, -0.103106819, 0.0218380969, -0.00294766668, 0.000186380086]; // prettier-ignore

/**
 * For a 32nd of [1, 2) each: a factor c = C/256 that brings it close to 1, and −log2 c as a number of few bits and the
 * rest. At both ends of the interval the product with a power of 2 is exact, so that log2 is small near 1.
 */
const powTable = Array.from({ length: 32 }, (_, i) => {
  const C = i === 0 ? 256 : i === 31 ? 128 : Math.round(256 / (1 + (i + 0.5) / 32));
  const log = -Math.log2(C / 256);
  const high = Math.round(log * 2048) / 2048;
  return { C, high, low: log - high };
});
const LOG2E_HIGH = Math.round(Math.LOG2E * 2048) / 2048;

export const library: Readonly<Record<string, LibraryFunction>> = {
  infinity: { needs: [], text: 'fn infinity() -> f32 { return bitcast<f32>(launch.head.y); }' },
  nan: { needs: [], text: 'fn nan() -> f32 { return bitcast<f32>(launch.head.z); }' },
  // a zero that no compiler knows: many take 0 · x for 0
  zero: { needs: [], text: 'fn zero() -> f32 { return bitcast<f32>(launch.head.w); }' },
  quotient: {
    needs: [],
    text: `// the reciprocal of what is beyond 2^126 is subnormal, and may be 0 to an implementation that multiplies with it
fn quotient(a: f32, b: f32) -> f32 {
  let scale = select(1.0f, 0.25f, abs(b) > ${f(2 ** 126)});
  return (a * scale) / (b * scale);
}`,
  },
  exactly: {
    needs: [],
    text: `// keeps compilers from computing (a + b) − a as b
fn exactly(x: f32) -> f32 { return bitcast<f32>(bitcast<u32>(x) ^ launch.head.w); }`,
  },
  half: {
    needs: ['exactly', 'infinity'],
    text: `// the nearest float16, by its bits: compilers may take a conversion there and back for none
fn half(x: f32) -> f32 {
  let bits = bitcast<u32>(x);
  let size = bits & 0x7fffffffu;
  if (size > 0x7f800000u) { return x; }
  let normal = bitcast<f32>((size + 0xfffu + ((size >> 13u) & 1u)) & 0xffffe000u);
  let small = exactly(bitcast<f32>(size) + 0.5f) - 0.5f;
  let rounded = select(select(normal, small, size < 0x38800000u), infinity(), size >= 0x477ff000u);
  return bitcast<f32>(bitcast<u32>(rounded) | (bits & 0x80000000u));
}`,
  },
  is_nan: {
    needs: [],
    text: 'fn is_nan(x: f32) -> bool { return (bitcast<u32>(x) & 0x7fffffffu) > 0x7f800000u; }',
  },
  is_zero: { needs: [], text: 'fn is_zero(x: f32) -> bool { return (bitcast<u32>(x) & 0x7fffffffu) == 0u; }' },
  maximum: {
    needs: ['is_nan'],
    text: 'fn maximum(a: f32, b: f32) -> f32 { return select(select(select(b, a, a > b), b, is_nan(b)), a, is_nan(a)); }',
  },
  minimum: {
    needs: ['is_nan'],
    text: 'fn minimum(a: f32, b: f32) -> f32 { return select(select(select(b, a, a < b), b, is_nan(b)), a, is_nan(a)); }',
  },
  power_of_two: {
    needs: [],
    text: `// 2^e · x, of which no factor leaves the range of exponents
fn power_of_two(x: f32, e: i32) -> f32 {
  let half = e >> 1u;
  return x * bitcast<f32>((half + 127i) << 23u) * bitcast<f32>((e - half + 127i) << 23u);
}`,
  },
  exp_reduced: {
    needs: [],
    text: `// e^r of a small r
fn exp_reduced(r: f32) -> f32 { return fma(r * r, ${polynomial('r', expTerms)}, r) + 1.0f; }`,
  },
  exponential: {
    needs: ['is_nan', 'exactly', 'exp_reduced', 'power_of_two'],
    text: `fn exponential(x: f32) -> f32 {
  let c = clamp(x, -105.0f, 89.0f);
  let n = round(c * ${f(Math.LOG2E)});
  let r = fma(n, ${f(-LN2_LOW)}, exactly(fma(n, ${f(-LN2_HIGH)}, c)));
  return select(power_of_two(exp_reduced(r), i32(n)), x, is_nan(x));
}`,
  },
  logarithm: {
    needs: ['infinity', 'nan', 'is_zero'],
    text: `fn logarithm(x: f32) -> f32 {
  let small = x < 1.1754943508222875e-38f;
  let bits = bitcast<i32>(select(x, x * 8388608.0f, small)) - 0x3f3504f3i;
  let e = f32(bits >> 23u) - select(0.0f, 23.0f, small);
  // between √½ and √2, less 1
  let r = bitcast<f32>((bits & 0x7fffffi) + 0x3f3504f3i) - 1.0f;
  let z = r * r;
  let tail = fma(e, ${f(LN2_LOW)}, r * z * ${polynomial('r', logTerms)}) - z * 0.5f;
  let result = fma(e, ${f(LN2_HIGH)}, tail + r);
  let pattern = bitcast<u32>(x);
  if (is_zero(x)) { return -infinity(); }
  if (pattern > 0x80000000u) { return nan(); }
  return select(result, x, pattern >= 0x7f800000u);
}`,
  },
  multiply_high: {
    needs: [],
    text: `// the high word of a product
fn multiply_high(a: u32, b: u32) -> u32 {
  let low = (a & 0xffffu) * (b & 0xffffu);
  let m1 = (a >> 16u) * (b & 0xffffu) + (low >> 16u);
  let m2 = (a & 0xffffu) * (b >> 16u) + (m1 & 0xffffu);
  return (a >> 16u) * (b >> 16u) + (m1 >> 16u) + (m2 >> 16u);
}`,
  },
  quarter_turns: {
    needs: ['multiply_high'],
    text: `struct Turned { rest: f32, quarter: u32 }
// |x| as a number of right angles and a rest within half of one: exact for every x, with 2/π to 224 bits
fn quarter_turns(a: f32) -> Turned {
  if (a < 0.785398f) { return Turned(a, 0u); }
  var digits = array<u32, 8>(0u, 0xa2f9836eu, 0x4e441529u, 0xfc2757d1u, 0xf534ddc0u, 0xdb629599u, 0x3c439041u, 0xfe5163abu);
  let bits = bitcast<u32>(a);
  let m = (bits & 0x7fffffu) | 0x800000u;
  let at = min((bits >> 23u) - 120u, 134u);
  let word = at / 32u;
  let left = at % 32u;
  // a shift by 32 is none
  let right = (32u - left) & 31u;
  let keep = select(0xffffffffu, 0u, left == 0u);
  let w0 = (digits[word] << left) | ((digits[word + 1u] >> right) & keep);
  let w1 = (digits[word + 1u] << left) | ((digits[word + 2u] >> right) & keep);
  let w2 = (digits[word + 2u] << left) | ((digits[word + 3u] >> right) & keep);
  let carry = multiply_high(m, w2);
  let low = m * w1 + carry;
  var high = m * w0 + multiply_high(m, w1) + select(0u, 1u, low < carry);
  let quarter = ((high + 0x20000000u) >> 30u) & 3u;
  high -= quarter << 30u;
  let negative = (high & 0x80000000u) != 0u;
  var h = select(high, ~high, negative);
  var l = select(low, ~low, negative);
  var zeros = countLeadingZeros(h);
  if (h == 0u) { h = l; l = 0u; zeros = 32u + countLeadingZeros(h); }
  let by = zeros & 31u;
  let top = select((h << by) | (l >> ((32u - by) & 31u)), h, by == 0u);
  // times π/2, as 0xc90fdaa2 / 2^31
  let rest = f32(multiply_high(top, 0xc90fdaa2u)) * bitcast<f32>((98u - zeros) << 23u);
  return Turned(select(rest, -rest, negative), quarter);
}`,
  },
  sine_of_turned: {
    needs: ['quarter_turns'],
    text: `fn sine_of_turned(t: Turned) -> f32 {
  let r = t.rest;
  let z = r * r;
  let odd = fma(r * z, ${polynomial('z', sinTerms)}, r);
  let even = fma(z * z, ${polynomial('z', cosTerms)}, fma(z, -0.5f, 1.0f));
  let s = select(odd, even, (t.quarter & 1u) != 0u);
  return select(s, -s, (t.quarter & 2u) != 0u);
}`,
  },
  sine: {
    needs: ['sine_of_turned', 'nan'],
    text: `fn sine(x: f32) -> f32 {
  let bits = bitcast<u32>(x);
  let a = bits & 0x7fffffffu;
  if (a >= 0x7f800000u) { return nan(); }
  let s = sine_of_turned(quarter_turns(bitcast<f32>(a)));
  return bitcast<f32>(bitcast<u32>(s) ^ (bits & 0x80000000u));
}`,
  },
  cosine: {
    needs: ['sine_of_turned', 'nan'],
    text: `fn cosine(x: f32) -> f32 {
  let a = bitcast<u32>(x) & 0x7fffffffu;
  if (a >= 0x7f800000u) { return nan(); }
  var t = quarter_turns(bitcast<f32>(a));
  t.quarter += 1u;
  return sine_of_turned(t);
}`,
  },
  hyperbolic_tangent: {
    needs: ['exponential', 'is_nan'],
    text: `fn hyperbolic_tangent(x: f32) -> f32 {
  let a = abs(x);
  let z = x * x;
  let near = fma(x, z * ${polynomial('z', tanhTerms)}, x);
  let far = 1.0f - 2.0f / (exponential(min(a + a, 20.0f)) + 1.0f);
  return select(select(select(far, -far, x < 0.0f), near, a < 0.625f), x, is_nan(x));
}`,
  },
  error_function: {
    needs: ['exponential', 'is_nan'],
    text: `fn error_function(x: f32) -> f32 {
  let a = abs(x);
  let z = x * x;
  let near = fma(x, ${polynomial('z', erfTerms)}, x);
  let c = min(a, 4.0f);
  let far = 1.0f - exponential(${polynomial('c', logErfcTerms)});
  return select(select(select(far, -far, x < 0.0f), near, a < 1.0f), x, is_nan(x));
}`,
  },
  truncated_remainder: {
    needs: ['nan'],
    text: `// exact, by long division of the significands
fn truncated_remainder(a: f32, b: f32) -> f32 {
  let ua = bitcast<u32>(a) & 0x7fffffffu;
  let ub = bitcast<u32>(b) & 0x7fffffffu;
  if (ub == 0u || ua >= 0x7f800000u || ub > 0x7f800000u) { return nan(); }
  if (ua < ub) { return a; }
  let ea = max(ua >> 23u, 1u);
  let eb = max(ub >> 23u, 1u);
  let ma = (ua & 0x7fffffu) | select(0x800000u, 0u, ua < 0x800000u);
  let mb = (ub & 0x7fffffu) | select(0x800000u, 0u, ub < 0x800000u);
  var rest = ma % mb;
  for (var n = ea - eb; n > 0u;) {
    let by = min(n, 8u);
    rest = (rest << by) % mb;
    n -= by;
  }
  let e = i32(eb) - 150i;
  let half = e >> 1u;
  let r = f32(rest) * bitcast<f32>((half + 127i) << 23u) * bitcast<f32>((e - half + 127i) << 23u);
  return bitcast<f32>(bitcast<u32>(r) | (bitcast<u32>(a) & 0x80000000u));
}`,
  },
  remainder: {
    needs: ['truncated_remainder', 'is_zero'],
    text: `// the sign of the divisor
fn remainder(a: f32, b: f32) -> f32 {
  let r = truncated_remainder(a, b);
  return select(r, r + b, !is_zero(r) && (r < 0.0f) != (b < 0.0f) && (bitcast<u32>(r) & 0x7fffffffu) < 0x7f800000u);
}`,
  },
  remainder_i32: {
    needs: [],
    text: `fn remainder_i32(a: i32, b: i32) -> i32 {
  if (b == 0i) { return 0i; }
  let r = a % b;
  return select(r, r + b, r != 0i && (r < 0i) != (b < 0i));
}`,
  },
  power_i32: {
    needs: [],
    text: `fn power_i32(a: i32, b: i32) -> i32 {
  if (b < 0i) {
    if (a == 1i) { return 1i; }
    return select(0i, select(1i, -1i, (b & 1i) != 0i), a == -1i);
  }
  var result = 1i;
  var square = a;
  for (var rest = b; rest > 0i; rest >>= 1u) {
    if ((rest & 1i) != 0i) { result *= square; }
    square *= square;
  }
  return result;
}`,
  },
  power_u32: {
    needs: [],
    text: `fn power_u32(a: u32, b: u32) -> u32 {
  var result = 1u;
  var square = a;
  for (var rest = b; rest > 0u; rest >>= 1u) {
    if ((rest & 1u) != 0u) { result *= square; }
    square *= square;
  }
  return result;
}`,
  },
  power_of_positive: {
    needs: ['exp_reduced', 'power_of_two', 'exactly'],
    text: `// a^b for a finite a > 0 that is not 1: the logarithm to base 2 with about 30 bits, as a sum of two numbers
fn power_of_positive(a: f32, b: f32) -> f32 {
  var factors = array<u32, 32>(${powTable.map(({ C }) => `${C}u`).join(', ')});
  var highs = array<f32, 32>(${powTable.map(({ high }) => f(high)).join(', ')});
  var lows = array<f32, 32>(${powTable.map(({ low }) => f(low)).join(', ')});
  let small = a < 1.1754943508222875e-38f;
  let bits = bitcast<u32>(select(a, a * 16777216.0f, small));
  let i = (bits >> 18u) & 31u;
  let e = f32(i32(bits >> 23u) - 127i - select(0i, 24i, small)) + highs[i];
  // the significand times the factor, less 1, in units of 2^-31: exact
  let d = bitcast<i32>(((bits & 0x7fffffu) | 0x800000u) * factors[i] - 0x80000000u);
  let scale = 4.656612873077393e-10f;
  let head = bitcast<f32>(bitcast<u32>(f32(d)) & 0xfffff000u);
  let rest = f32(d - i32(head)) * scale;
  let high = head * scale;
  let x = high + rest;
  let series = x * x * ${polynomial(
    'x',
    [-0.5, 1 / 3, -0.25, 0.2, -1 / 6, 1 / 7].map((c) => c * Math.LOG2E),
  )};
  let product = high * ${f(LOG2E_HIGH)};
  let sum = exactly(e + product);
  let low = (product - (sum - e)) + (fma(high, ${f(Math.LOG2E - LOG2E_HIGH)}, rest * ${f(Math.LOG2E)}) + series + lows[i]);
  // beyond this every power has left the range
  let y = clamp(b, -1e12f, 1e12f);
  let y_high = bitcast<f32>(bitcast<u32>(y) & 0xfffff000u);
  let sum_high = bitcast<f32>(bitcast<u32>(sum) & 0xfffff000u);
  let t_high = y_high * sum_high;
  let t_low = fma(y, low, fma(y - y_high, sum, y_high * (sum - sum_high)));
  let n = clamp(round(t_high + t_low), -200.0f, 200.0f);
  if (n == 200.0f || n == -200.0f) { return power_of_two(1.0f, i32(n)); }
  return power_of_two(exp_reduced(((t_high - n) + t_low) * ${f(Math.LN2)}), i32(n));
}`,
  },
  power: {
    needs: ['power_of_positive', 'infinity', 'nan', 'is_nan', 'is_zero'],
    text: `fn power(a: f32, b: f32) -> f32 {
  let magnitude = abs(a);
  let exponent = bitcast<u32>(b) & 0x7fffffffu;
  if (exponent == 0u || a == 1.0f) { return 1.0f; }
  if (is_nan(a) || is_nan(b)) { return nan(); }
  let grows = (magnitude > 1.0f) == (b > 0.0f);
  if (exponent == 0x7f800000u) {
    if (magnitude == 1.0f) { return 1.0f; }
    return select(0.0f, infinity(), grows);
  }
  let whole = floor(b) == b;
  let odd = whole && abs(b) < 16777216.0f && (i32(b) & 1i) != 0i;
  let negative = (bitcast<u32>(a) & 0x80000000u) != 0u;
  var result: f32;
  if (is_zero(a) || (bitcast<u32>(magnitude) == 0x7f800000u)) { result = select(0.0f, infinity(), grows); }
  else if (negative && !whole) { return nan(); }
  else if (magnitude == 1.0f) { result = 1.0f; }
  else { result = power_of_positive(magnitude, b); }
  return select(result, -result, negative && odd);
}`,
  },
  to_i32: {
    needs: ['is_nan'],
    text: `fn to_i32(x: f32) -> i32 {
  let inside = i32(clamp(x, -2147483648.0f, 2147483520.0f));
  return select(select(inside, 2147483647i, x >= 2147483648.0f), 0i, is_nan(x));
}`,
  },
  to_u32: {
    needs: ['is_nan'],
    text: `fn to_u32(x: f32) -> u32 {
  let inside = u32(clamp(x, 0.0f, 4294967040.0f));
  return select(select(inside, 4294967295u, x >= 4294967296.0f), 0u, is_nan(x));
}`,
  },
  threefry: {
    needs: [],
    text: threefry(),
  },
};

/** The first word of Threefry-2x32 with 20 rounds, of the counter (counter, 0). */
function threefry(): string {
  const rotations = [13, 15, 26, 6, 17, 29, 16, 24];
  const lines = ['  let k2 = 0x1bd11bdau ^ k0 ^ k1;', '  var x = counter + k0;', '  var y = k1;'];
  const keys = ['k0', 'k1', 'k2'];
  for (let round = 0; round < 20; round++) {
    const by = rotations[round % 8];
    lines.push(`  x += y; y = ((y << ${by}u) | (y >> ${32 - by}u)) ^ x;`);
    if (round % 4 === 3) {
      const turn = (round + 1) / 4;
      lines.push(`  x += ${keys[turn % 3]}; y += ${keys[(turn + 1) % 3]} + ${turn}u;`);
    }
  }
  return `fn threefry(k0: u32, k1: u32, counter: u32) -> u32 {\n${lines.join('\n')}\n  return x;\n}`;
}
