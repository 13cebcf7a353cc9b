import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import fc from 'fast-check';
import { KindlingError, tensor, type DType, type TypedArray } from '@kindling/core';
import { decodeSafetensors, encodeSafetensors, readSafetensors, writeSafetensors } from '@kindling/formats/safetensors';

const fixture = (name: string): Uint8Array =>
  new Uint8Array(readFileSync(new URL(`fixtures/${name}.safetensors`, import.meta.url)));

/** A file of this header and so many bytes of data; the length may lie. */
function file(header: unknown, data: number | Uint8Array = 0, length?: number): Uint8Array {
  const json =
    typeof header === 'string'
      ? new TextEncoder().encode(header)
      : header instanceof Uint8Array
        ? header
        : new TextEncoder().encode(JSON.stringify(header));
  const content = typeof data === 'number' ? new Uint8Array(data) : data;
  const bytes = new Uint8Array(8 + json.length + content.length);
  new DataView(bytes.buffer).setBigUint64(0, BigInt(length ?? json.length), true);
  bytes.set(json, 8);
  bytes.set(content, 8 + json.length);
  return bytes;
}
const entry = (dtype: string, shape: unknown, begin: number, end: number): object => ({
  dtype,
  shape,
  data_offsets: [begin, end],
});

describe('reading', () => {
  const everything: Record<string, { dtype: DType; shape: number[]; values: number[] }> = {
    f64: { dtype: 'float64', shape: [2], values: [0.1, -1e300] },
    i64: { dtype: 'int32', shape: [2], values: [-(2 ** 31), 2 ** 31 - 1] },
    u64: { dtype: 'uint32', shape: [1], values: [2 ** 32 - 1] },
    'weight ü': { dtype: 'float32', shape: [2, 3], values: [1, -2, 3.5, 0, Infinity, Math.fround(1e-45)] },
    i32: { dtype: 'int32', shape: [3], values: [-1, 0, 7] },
    u32: { dtype: 'uint32', shape: [1], values: [2 ** 32 - 1] },
    f16: { dtype: 'float32', shape: [5], values: [1.5, -0, 65504, 2 ** -24, -Infinity] },
    bf16: { dtype: 'float32', shape: [3], values: [1, -3.140625, 2.9907629905160607e38] },
    i16: { dtype: 'int32', shape: [1], values: [-300] },
    u16: { dtype: 'int32', shape: [1], values: [65535] },
    u8: { dtype: 'int32', shape: [2, 1], values: [0, 255] },
    i8: { dtype: 'int32', shape: [1], values: [-128] },
    bool: { dtype: 'bool', shape: [3], values: [1, 0, 1] },
    scalar: { dtype: 'float32', shape: [], values: [42] },
    empty: { dtype: 'float32', shape: [0, 4], values: [] },
  };

  it('reads every dtype that an independent writer wrote', () => {
    const { tensors, metadata } = decodeSafetensors(fixture('every-dtype'));
    expect(metadata).toEqual({ format: 'pt', ключ: 'значение' });
    expect(Object.keys(tensors)).toEqual(Object.keys(everything));
    for (const [name, { dtype, shape, values }] of Object.entries(everything)) {
      expect([name, tensors[name].dtype, tensors[name].shape]).toEqual([name, dtype, shape]);
      expect(Array.from(tensors[name].data)).toEqual(values);
    }
  });

  it('reads tensors that are not aligned, in a header of another order', () => {
    const { tensors } = decodeSafetensors(fixture('unaligned'));
    expect(Array.from(tensors.f64.data)).toEqual([0.1, -1e300]);
    expect(Array.from(tensors['weight ü'].data)).toEqual(everything['weight ü'].values);
    const shifted = new Uint8Array(fixture('every-dtype').length + 3);
    shifted.set(fixture('every-dtype'), 3);
    expect(decodeSafetensors(shifted.subarray(3))).toEqual(decodeSafetensors(fixture('every-dtype')));
    expect(decodeSafetensors(fixture('nothing')).tensors).toEqual({});
  });

  it('reads a Response, a Blob and bytes into tensors', async () => {
    const bytes = fixture('every-dtype') as Uint8Array<ArrayBuffer>;
    for (const source of [bytes, bytes.buffer, new Blob([bytes]), new Response(bytes)]) {
      const tensors = await readSafetensors(source);
      expect([tensors['weight ü'].shape, tensors['weight ü'].dtype]).toEqual([[2, 3], 'float32']);
      expect(Array.from(await tensors.i64.data())).toEqual([-(2 ** 31), 2 ** 31 - 1]);
    }
    await expect(readSafetensors(new Response('no', { status: 404, statusText: 'Not Found' }))).rejects.toThrow(
      'status 404 Not Found',
    );
    await expect(readSafetensors('x' as never)).rejects.toThrow(
      'must be a Response, a Blob or a Uint8Array, got string',
    );
  });
});

describe('writing', () => {
  it('writes what the format asks for', async () => {
    const bytes = await writeSafetensors(
      {
        b: tensor(Uint8Array.of(1, 0), { dtype: 'bool' }),
        a: tensor(Float32Array.of(1, 2), { shape: [2, 1] }),
        d: tensor(Float64Array.of(3)),
      },
      { by: 'kindling' },
    );
    const view = new DataView(bytes.buffer);
    const length = Number(view.getBigUint64(0, true));
    expect(length % 8).toBe(0);
    const text = new TextDecoder().decode(bytes.subarray(8, 8 + length));
    expect(text).toMatch(/^\{.*\} *$/);
    expect(JSON.parse(text)).toEqual({
      __metadata__: { by: 'kindling' },
      d: entry('F64', [1], 0, 8),
      a: entry('F32', [2, 1], 8, 16),
      b: entry('BOOL', [2], 16, 18),
    });
    expect(view.getFloat32(8 + length + 12, true)).toBe(2);
    expect(bytes.length).toBe(8 + length + 18);
  });

  it('gives the same bytes whatever the order of insertion', () => {
    const [x, y] = [
      { dtype: 'int32', shape: [1], data: Int32Array.of(1) },
      { dtype: 'int32', shape: [1], data: Int32Array.of(2) },
    ] as const;
    expect(encodeSafetensors({ x, y })).toEqual(encodeSafetensors({ y, x }));
  });

  it('refuses the reserved name, an array that does not fill its shape, metadata that is no string', () => {
    const array = { dtype: 'float32', shape: [2], data: new Float32Array(2) } as const;
    expect(() => encodeSafetensors({ __metadata__: array })).toThrow("cannot be named '__metadata__'");
    expect(() => encodeSafetensors({ a: { ...array, shape: [3] } })).toThrow(
      "'a' has 2 elements, which do not fill its shape [3]",
    );
    expect(() => encodeSafetensors({ a: array }, { n: 1 as never })).toThrow("must hold strings, but 'n' is a number");
  });

  it('gives back any arrays that are written', () => {
    const array = fc
      .tuple(
        fc.constantFrom<DType>('float32', 'float64', 'int32', 'uint32', 'bool'),
        fc.array(fc.nat({ max: 3 }), { maxLength: 3 }),
        fc.infiniteStream(fc.integer()),
      )
      .map(([dtype, shape, values]) => {
        const length = shape.reduce((a, b) => a * b, 1);
        const numbers = [...values.take(length)];
        const data: TypedArray =
          dtype === 'float32' ? Float32Array.from(numbers, (n) => n / 7)
          : dtype === 'float64' ? Float64Array.from(numbers, (n) => n / 7)
          : dtype === 'int32' ? Int32Array.from(numbers)
          : dtype === 'uint32' ? Uint32Array.from(numbers)
          : Uint8Array.from(numbers, (n) => n & 1); // prettier-ignore
        return { dtype, shape, data };
      });
    fc.assert(
      fc.property(
        fc.dictionary(
          fc.string().filter((name) => name !== '__metadata__'),
          array,
        ),
        fc.dictionary(fc.string(), fc.string()),
        (tensors, metadata) => {
          const read = decodeSafetensors(encodeSafetensors(tensors, metadata));
          expect(new Map(Object.entries(read.tensors))).toEqual(new Map(Object.entries(tensors)));
          expect(new Map(Object.entries(read.metadata))).toEqual(new Map(Object.entries(metadata)));
        },
      ),
    );
  });

  it('stores float16 rounded to the nearest, ties to even', () => {
    // value → half, from Python's struct.pack('<e', …): 1 + 2⁻¹¹ and 1 + 3·2⁻¹¹ are ties; 65520 is the first to overflow
    const pairs: [number, number][] = [
      [1 + 2 ** -11, 0x3c00], [1 + 3 * 2 ** -11, 0x3c02], [1 + 2 ** -11 + 2 ** -20, 0x3c01], [65519, 0x7bff], [65520, 0x7c00],
      [2 ** -24, 1], [2 ** -25, 0], [2 ** -25 * 1.5, 1], [3 * 2 ** -25, 2], [2 ** -14, 0x0400], [2 ** -14 - 2 ** -26, 0x0400],
      [-0, 0x8000], [NaN, 0x7e00], [-Infinity, 0xfc00], [1e-45, 0], [0.333251953125, 0x3555],
    ]; // prettier-ignore
    const bytes = encodeSafetensors({
      h: { dtype: 'float16', shape: [pairs.length], data: Float32Array.from(pairs, ([value]) => value) },
    });
    const halves = new Uint16Array(bytes.slice(-2 * pairs.length).buffer);
    expect([...halves]).toEqual(pairs.map(([, half]) => half));
    const again = decodeSafetensors(bytes).tensors.h.data;
    const reencoded = encodeSafetensors({ h: { dtype: 'float16', shape: [pairs.length], data: again } });
    expect(reencoded).toEqual(bytes);
  });

  it('keeps every half exactly', () => {
    const all = Uint16Array.from({ length: 65_536 }, (_, i) => i).filter(
      (half) => (half & 0x7c00) !== 0x7c00 || (half & 0x3ff) === 0,
    );
    const header = { h: entry('F16', [all.length], 0, 2 * all.length) };
    const { h } = decodeSafetensors(file(header, new Uint8Array(all.buffer))).tensors;
    const bytes = encodeSafetensors({ h: { dtype: 'float16', shape: [all.length], data: h.data } });
    expect(new Uint16Array(bytes.slice(-2 * all.length).buffer)).toEqual(all);
  });
});

describe('hostile files', () => {
  const a = entry('F32', [1], 0, 4);
  it.each<[name: string, bytes: Uint8Array, message: string]>([
    ['nothing', new Uint8Array(0), 'the file has 0 bytes'],
    ['seven bytes', new Uint8Array(7), 'the file has 7 bytes'],
    ['a header beyond the file', file({ a }, 4, 1000), 'the header claims 1000 bytes, but only'],
    [
      'a header of 100 MB',
      file({ a }, 4, 100_000_001),
      'the header claims 100000001 bytes; the format allows 100000000',
    ],
    [
      'a header of 2^63 bytes',
      Uint8Array.of(0, 0, 0, 0, 0, 0, 0, 128, 123, 125),
      'the header claims 9223372036854776000 bytes',
    ],
    ['another format', new TextEncoder().encode('sepal_length,sepal_width\n'), 'another format'],
    ['no UTF-8', file(Uint8Array.of(123, 34, 0xff, 34, 125)), 'the header is not UTF-8 text'],
    ['no JSON', file('{"a":'), 'the header is not JSON'],
    ['deep nesting', file('['.repeat(200_000)), 'the header is not JSON'],
    ['an array', file('[]'), 'must be a JSON object that begins with {'],
    ['space before the header', file(' {}'), 'must be a JSON object that begins with {'],
    ['a key twice', file(`{"a":${JSON.stringify(a)},"a":${JSON.stringify(a)}}`, 4), "has the key 'a' twice"],
    [
      'a key twice, escaped',
      file(`{"a":${JSON.stringify(a)},"\\u0061":${JSON.stringify(a)}}`, 4),
      "has the key 'a' twice",
    ],
    [
      'a field twice',
      file('{"a":{"dtype":"F32","shape":[1],"shape":[1],"data_offsets":[0,4]}}', 4),
      "has the key 'shape' twice",
    ],
    ['no object', file({ a: 3 }), "tensor 'a' must be an object"],
    [
      'an unknown dtype',
      file({ a: entry('F8_E4M3', [1], 0, 1) }, 1),
      `tensor 'a' has dtype "F8_E4M3", which this release does not read; it reads F64, F32`,
    ],
    ['a dtype of the prototype', file({ a: entry('constructor', [1], 0, 1) }, 1), 'has dtype "constructor"'],
    ['no dtype', file({ a: { shape: [1], data_offsets: [0, 4] } }, 4), 'has dtype missing'],
    ['a negative size', file({ a: entry('F32', [-1], 0, 4) }, 4), 'has shape [-1]'],
    ['a fractional size', file({ a: entry('F32', [0.5, 2], 0, 4) }, 4), 'has shape [0.5,2]'],
    ['a size of a string', file({ a: entry('F32', ['1'], 0, 4) }, 4), 'has shape ["1"]'],
    ['no shape', file({ a: { dtype: 'F32', data_offsets: [0, 4] } }, 4), 'has shape missing'],
    ['a shape beyond memory', file({ a: entry('F32', [2 ** 31, 2 ** 31], 0, 4) }, 4), 'that memory can hold'],
    ['a shape whose product wraps', file({ a: entry('F32', [2 ** 52, 2 ** 52, 0], 0, 0) }), 'that memory can hold'],
    ['33 dimensions', file({ a: entry('F32', Array<number>(33).fill(1), 0, 4) }, 4), 'at most 32 sizes'],
    [
      'a shape that needs more',
      file({ a: entry('F32', [2], 0, 4) }, 4),
      "tensor 'a' of shape [2] and dtype F32 needs 8 bytes, but has 4",
    ],
    [
      'offsets beyond the file',
      file({ a: entry('F32', [2], 0, 8) }, 4),
      'lies at bytes 0 to 8, but the file has 4 bytes of data; it is truncated',
    ],
    ['offsets backwards', file({ a: entry('F32', [1], 4, 0) }, 4), 'lies at bytes 4 to 0'],
    ['negative offsets', file({ a: entry('F32', [1], -4, 0) }, 4), 'lies at bytes -4 to 0'],
    ['huge offsets', file({ a: entry('F32', [1], 2 ** 60, 2 ** 60 + 4) }, 4), 'they must be two integers'],
    [
      'three offsets',
      file({ a: { dtype: 'F32', shape: [1], data_offsets: [0, 4, 4] } }, 4),
      'they must be two integers',
    ],
    [
      'an overlap',
      file({ a: entry('F32', [2], 0, 8), b: entry('F32', [1], 4, 8) }, 8),
      "tensor 'b' begins at byte 4, within another that ends at 8",
    ],
    ['the same bytes twice', file({ a, b: a }, 4), 'begins at byte 0, within another that ends at 4'],
    ['a hole', file({ a, b: entry('F32', [1], 8, 12) }, 12), 'bytes 4 to 8 belong to no tensor'],
    ['bytes to spare', file({ a }, 5), 'the last 1 bytes belong to no tensor'],
    [
      'a truth value of 2',
      file({ a: entry('BOOL', [1], 0, 1) }, Uint8Array.of(2)),
      "'a': element 0 of a BOOL tensor is 2",
    ],
    [
      'an integer beyond int32',
      file({ a: entry('I64', [1], 0, 8) }, Uint8Array.of(0, 0, 0, 128, 0, 0, 0, 0)),
      'element 0 is 2147483648, which does not fit int32',
    ],
    ['metadata of numbers', file({ __metadata__: { n: 1 } }), "__metadata__ must hold strings, but 'n' is a number"],
    ['metadata of a string', file({ __metadata__: 'x' }), '__metadata__ must be an object of strings'],
  ])('%s', (_, bytes, message) => {
    expect(() => decodeSafetensors(bytes)).toThrow(message);
    expect(() => decodeSafetensors(bytes)).toThrow(KindlingError);
  });

  it('a tensor named __proto__ is a tensor like any other', () => {
    const { tensors } = decodeSafetensors(file(`{"__proto__":${JSON.stringify(a)}}`, 4));
    expect(Object.keys(tensors)).toEqual(['__proto__']);
    expect(Object.getPrototypeOf(tensors)).toBe(Object.prototype);
  });

  it('every truncation and every flipped byte is read rightly or refused with our own error', () => {
    const bytes = fixture('every-dtype');
    for (let length = 0; length < bytes.length; length++)
      expect(() => decodeSafetensors(bytes.subarray(0, length))).toThrow(KindlingError);
    for (let at = 0; at < bytes.length; at++)
      for (const mask of [1, 0x20, 0x80]) {
        const damaged = bytes.slice();
        damaged[at] ^= mask;
        try {
          decodeSafetensors(damaged);
        } catch (error) {
          expect(error).toBeInstanceOf(KindlingError);
        }
      }
  });
});
