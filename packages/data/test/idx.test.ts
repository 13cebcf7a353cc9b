import { gzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { parseIdx } from '@kindling/data';

/** Written by hand from the format's description: magic, big-endian sizes, big-endian elements. */
const images = Uint8Array.of(0, 0, 8, 3, 0, 0, 0, 2, 0, 0, 0, 1, 0, 0, 0, 3, 0, 127, 255, 1, 2, 3);
const shorts = Uint8Array.of(0, 0, 0x0b, 1, 0, 0, 0, 2, 0xff, 0xfe, 1, 0);
const floats = Uint8Array.of(0, 0, 0x0d, 1, 0, 0, 0, 1, 0xc0, 0x20, 0, 0);

describe('parseIdx', () => {
  it('reads bytes, shorts and floats, gzipped or not, from bytes and from a Blob', async () => {
    const expected = { shape: [2, 1, 3], data: Uint8Array.of(0, 127, 255, 1, 2, 3) };
    expect(await parseIdx(images)).toEqual(expected);
    expect(await parseIdx(gzipSync(images))).toEqual(expected);
    expect(await parseIdx(new Blob([images]))).toEqual(expected);
    expect(await parseIdx(shorts)).toEqual({ shape: [2], data: Int16Array.of(-2, 256) });
    expect(await parseIdx(floats)).toEqual({ shape: [1], data: Float32Array.of(-2.5) });
  });

  it('refuses other formats, truncation and excess', async () => {
    await expect(parseIdx(new TextEncoder().encode('a,b\n1,2\n'))).rejects.toThrow('This is no IDX file');
    await expect(parseIdx(Uint8Array.of(0, 0, 7, 1, 0, 0, 0, 0))).rejects.toThrow('This is no IDX file');
    await expect(parseIdx(images.subarray(0, 10))).rejects.toThrow('in the middle of its header');
    await expect(parseIdx(images.subarray(0, 20))).rejects.toThrow(
      'shape [2, 1, 3] needs 22 bytes, but it has 20: it is truncated',
    );
    await expect(parseIdx(Uint8Array.of(...images, 0))).rejects.toThrow('but it has 23');
    await expect(parseIdx(Uint8Array.of(0, 0, 8, 4, ...Array<number>(16).fill(255)))).rejects.toThrow('truncated');
    await expect(parseIdx(gzipSync(images).subarray(0, 15))).rejects.toThrow('damaged or truncated');
  });
});
