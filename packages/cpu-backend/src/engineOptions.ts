/** Asks Node 20, which has relaxed SIMD behind a flag, for it. Elsewhere it changes nothing. */
export function requestRelaxedSimd(): void {
  globalThis.process?.getBuiltinModule?.('node:v8').setFlagsFromString('--experimental-wasm-relaxed-simd');
}

/**
 * Turns on, for this process, the option of V8 that makes one AVX2 operation of two alike on neighbouring 128-bit
 * vectors. Throws where there is none.
 */
export function requestRevectorization(): void {
  const v8 = globalThis.process?.getBuiltinModule?.('node:v8');
  const here = v8 && `Node ${process.versions.node} on ${process.arch}`;
  const refuse = (why: string): never => {
    throw new Error(`cpu: 'revectorize' needs Node 24 or newer on an x64 processor, and ${why}; open it without`);
  };
  if (!v8) return refuse('this is not Node');
  if (Number.parseInt(process.versions.node) < 24 || process.arch !== 'x64') return refuse(`this is ${here}`);
  // the tag of compiled code depends on the options that V8 knows, not on others
  const tagWith = (option: string) => {
    v8.setFlagsFromString(option);
    return v8.cachedDataVersionTag();
  };
  const [off, on] = [tagWith('--no-experimental-wasm-revectorize'), tagWith('--experimental-wasm-revectorize')];
  if (off === on) refuse(`${here} was built without --experimental-wasm-revectorize`);
}
