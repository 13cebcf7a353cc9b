/**
 * What 256-bit operations leave in the upper halves of vector registers makes code of the older instructions slow, which
 * C++ libraries and with them `Math.exp` are made of: on an EPYC (Zen 5) 3 times, on a Xeon 20 times. V8 does not clear
 * them. A function that does takes 0.1 µs. Goes to worker threads as text.
 */
export function clearUpperHalves(): number {
  globalThis.process?.getBuiltinModule?.('node:buffer').isUtf8(new Uint8Array(64));
  return 0;
}
