/** Functions that kernels call one lane at a time, all on float64 numbers. */
import { codesOf, type Inst, type Kernel } from '@kindling/compiler';
import type { HostFunction } from './assembler.js';
import { clearUpperHalves } from './clearUpperHalves.js';

/** As IEEE: 1 to any power and −1 to ±∞ are 1; JavaScript gives NaN. */
function pow(a: number, b: number): number {
  return a === 1 || (a === -1 && Math.abs(b) === Infinity) ? 1 : a ** b;
}

/** The sign of the divisor. */
function mod(a: number, b: number): number {
  const rest = a % b;
  return rest !== 0 && rest < 0 !== b < 0 ? rest + b : rest;
}

/** Modulo 2³², to a power ≥ 0; to a negative one what 1 / a truncates to. */
function integerPow(a: number, b: number): number {
  if (b < 0) return a === 1 ? 1 : a === -1 ? (b % 2 === 0 ? 1 : -1) : 0;
  let result = 1;
  for (let square = a; b > 0; square = Math.imul(square, square), b = Math.floor(b / 2)) {
    if (b % 2 === 1) result = Math.imul(result, square);
  }
  return result;
}

/** Within a few units in the last place: a series without cancellation near 0, a continued fraction of erfc beyond. */
export function erf(x: number): number {
  const a = Math.abs(x);
  if (a >= 6) return Math.sign(x);
  // exp(−x²), with the part of x² that a float64 cannot hold
  const head = Math.fround(a);
  const gauss = Math.exp(-head * head) * Math.exp((head - a) * (head + a));
  if (a < 2) {
    let sum = 1;
    for (let n = 50; n > 0; n--) sum = 1 + (sum * a * a) / (n + 0.5);
    return (2 / Math.sqrt(Math.PI)) * gauss * sum * x;
  }
  let fraction = a;
  for (let n = 60; n > 0; n--) fraction = a + n / 2 / fraction;
  return Math.sign(x) * (1 - gauss / (Math.sqrt(Math.PI) * fraction));
}

export type HostMath = Readonly<Record<string, (a: number, b: number) => number>>;

/** Worker threads get these as text: they may use nothing but globals. */
export const OWN_MATH: HostMath = { erf, pow, mod, integerPow, clearUpperHalves };
/** What it is imported as: minifiers change a function's own name. */
export const CLEAR_UPPER_HALVES = 'clearUpperHalves';

export const HOST_MATH: HostMath = {
  exp: Math.exp,
  log: Math.log,
  sin: Math.sin,
  cos: Math.cos,
  tanh: Math.tanh,
  ...OWN_MATH,
};

/** The host function that an instruction may call, if any. */
export function hostName(inst: Inst): string | undefined {
  const { op, dtype } = inst;
  if (op === 'pow') return dtype === 'float32' || dtype === 'float64' ? op : 'integerPow';
  if (op === 'mod') return dtype === 'float32' || dtype === 'float64' ? op : undefined;
  if (op === 'sin' || op === 'cos') return op;
  return dtype === 'float64' && op in HOST_MATH ? op : undefined;
}

/** What a kernel imports; if anything, then first what makes it safe to call where vectors are `paired`. */
export function hostFunctions(kernel: Kernel, paired: boolean): HostFunction[] {
  const called = new Set(codesOf(kernel.body).flat().map(hostName));
  called.delete(undefined);
  const names = [...called] as string[];
  if (paired && names.length > 0) names.unshift(CLEAR_UPPER_HALVES);
  return names.map((name) => ({ name, parameters: HOST_MATH[name].length }));
}
