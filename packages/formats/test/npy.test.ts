import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { KindlingError, tensor } from '@kindling/core';
import { decodeNpy, encodeNpy, readNpy, writeNpy } from '@kindling/formats/npy';

const fixture = (name: string): Uint8Array =>
  new Uint8Array(readFileSync(new URL(`fixtures/${name}.npy`, import.meta.url)));

describe('.npy', () => {
  it.each([
    ['float32', 'float32', [2, 3], [0, 0.25, 0.5, 0.75, 1, 1.25]],
    ['fortran', 'float64', [2, 3, 4], Array.from({ length: 24 }, (_, i) => i)],
    ['big-endian', 'int32', [3], [1, -2, 300]],
    ['int64', 'int32', [2, 1], [1, -(2 ** 31)]],
    ['bool', 'bool', [2], [1, 0]],
    ['half', 'float32', [2], [0.5, -65504]],
    ['scalar', 'float64', [], [3.25]],
    ['version2', 'int32', [1], [7]],
  ])('reads what NumPy wrote: %s', (name, dtype, shape, values) => {
    const array = decodeNpy(fixture(name));
    expect([array.dtype, array.shape, Array.from(array.data)]).toEqual([dtype, shape, values]);
  });

  it('writes the bytes that NumPy writes', async () => {
    expect(await writeNpy(tensor(Float32Array.of(0, 0.25, 0.5, 0.75, 1, 1.25), { shape: [2, 3] }))).toEqual(
      fixture('float32'),
    );
    expect(encodeNpy({ dtype: 'bool', shape: [2], data: Uint8Array.of(1, 0) })).toEqual(fixture('bool'));
    expect(encodeNpy({ dtype: 'float16', shape: [2], data: Float32Array.of(0.5, -65504) })).toEqual(fixture('half'));
    expect(encodeNpy({ dtype: 'float64', shape: [], data: Float64Array.of(3.25) })).toEqual(fixture('scalar'));
  });

  it('reads into a tensor', async () => {
    const value = await readNpy(new Blob([fixture('float32') as Uint8Array<ArrayBuffer>]));
    expect([value.shape, value.dtype, (await value.data())[5]]).toEqual([[2, 3], 'float32', 1.25]);
  });

  it('refuses other formats, objects, and every truncation', () => {
    expect(() => decodeNpy(new TextEncoder().encode('a,b\n1,2\n'))).toThrow('it is another format');
    expect(() => decodeNpy(fixture('object'))).toThrow("element type '|O' is not read");
    expect(() => decodeNpy(Uint8Array.of(...fixture('bool'), 0))).toThrow('needs 2 bytes, but the file has 3');
    const bytes = fixture('float32');
    for (let length = 0; length < bytes.length; length++)
      expect(() => decodeNpy(bytes.subarray(0, length))).toThrow(KindlingError);
    const version = bytes.slice();
    version[6] = 4;
    expect(() => decodeNpy(version)).toThrow('version 4 is unknown');
    const evil = bytes.slice();
    evil.set(new TextEncoder().encode("{'descr': __import__('os'), "), 10);
    expect(() => decodeNpy(evil)).toThrow('does not describe a plain array');
    expect(() => encodeNpy({ dtype: 'float32', shape: [3], data: new Float32Array(2) })).toThrow(
      'do not fill its shape [3]',
    );
  });
});
