/** (func (drop (f32x4.relaxed_madd (v128.const 0) (v128.const 0) (v128.const 0)))) */
function probe(): Uint8Array<ArrayBuffer> {
  const zero = [0xfd, 12, ...Array<number>(16).fill(0)];
  const code = [0, ...zero, ...zero, ...zero, 0xfd, 0x85, 0x02, 0x1a, 0x0b];
  const head = [0, 0x61, 0x73, 0x6d, 1, 0, 0, 0, 1, 4, 1, 0x60, 0, 0, 3, 2, 1, 0];
  return Uint8Array.from([...head, 10, code.length + 2, 1, code.length, ...code]);
}

/** Whether the engine has relaxed SIMD, which multiplies and adds in one instruction. */
export function hasRelaxedSimd(): boolean {
  return WebAssembly.validate(probe());
}
