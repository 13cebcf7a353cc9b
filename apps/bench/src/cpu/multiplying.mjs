const unsigned = (n) => (n < 128 ? [n] : [(n & 127) | 128, ...unsigned(n >>> 7)]);
const section = (id, content) => [id, ...unsigned(content.length), ...content];

/** Chains of operations side by side. More do not fit into registers, with fewer each waits for the one before. */
const CHAINS = 13;
const [TIMES, FACTOR, TERM] = [0, CHAINS + 1, CHAINS + 2];
const chains = Array.from({ length: CHAINS }, (_, i) => i + 1);

const get = (local) => [0x20, local];
const set = (local) => [0x21, local];
const load = (offset) => [0x41, 0, 0xfd, 0, 4, ...unsigned(offset)];
const store = (offset, local) => [0x41, 0, ...get(local), 0xfd, 11, 4, ...unsigned(offset)];
const [multiply, add, multiplyAndAdd] = [[0xfd, 0xe6, 1], [0xfd, 0xe4, 1], [0xfd, 0x85, 2]]; // prettier-ignore

/** (func (export "f") (param i32)): each chain times a factor and plus a term, so many times. */
function code(fused) {
  const separate = [...get(FACTOR), ...multiply, ...get(TERM), ...add];
  const further = fused ? [...get(FACTOR), ...get(TERM), ...multiplyAndAdd] : separate;
  const again = [...get(TIMES), 0x41, 1, 0x6b, 0x22, TIMES, 0x0d, 0];
  const body = [
    ...[1, TERM, 0x7b], // the locals are v128
    ...[...load(0), ...set(FACTOR), ...load(16), ...set(TERM)],
    // a branch around the loop, and stores as the only uses: V8 then keeps the order of the operations
    ...[...get(TIMES), 0x04, 0x40],
    ...[0x03, 0x40, ...chains.flatMap((chain) => [...get(chain), ...further, ...set(chain)]), ...again, 0x0b],
    0x0b,
    ...chains.flatMap((chain) => store(16 * chain + 16, chain)),
    0x0b,
  ];
  return Uint8Array.from([
    ...[0, 0x61, 0x73, 0x6d, 1, 0, 0, 0],
    ...section(1, [1, 0x60, 1, 0x7f, 0]),
    ...section(3, [1, 0]),
    ...section(5, [1, 0, 1]), // a page of zeros
    ...section(7, [1, 1, 0x66, 0, 0]),
    ...section(10, [1, ...unsigned(body.length), ...body]),
  ]);
}

/**
 * As many multiplications and additions as a work has, in registers: what its rate is held against. Of 128 bits, and fused
 * where the engine has relaxed SIMD.
 */
export function multiplying(flop) {
  const fused = code(true);
  const module = new WebAssembly.Module(WebAssembly.validate(fused) ? fused : code(false));
  const { f } = new WebAssembly.Instance(module).exports;
  const times = Math.ceil(flop / (CHAINS * 4 * 2));
  return { run: () => f(times), finish: () => Promise.resolve() };
}
