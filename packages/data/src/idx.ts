import { KindlingError } from '@kindling/core';
import { bytesOf, type Source } from './source.js';

/** The array of an IDX file (MNIST's format), row-major. */
export interface IdxArray {
  readonly shape: readonly number[];
  readonly data: Uint8Array | Int8Array | Int16Array | Int32Array | Float32Array | Float64Array;
}

const TYPES: Record<
  number,
  { bytes: number; create: (n: number) => IdxArray['data']; get: (view: DataView, at: number) => number }
> = {
  0x08: { bytes: 1, create: (n) => new Uint8Array(n), get: (view, at) => view.getUint8(at) },
  0x09: { bytes: 1, create: (n) => new Int8Array(n), get: (view, at) => view.getInt8(at) },
  0x0b: { bytes: 2, create: (n) => new Int16Array(n), get: (view, at) => view.getInt16(at) },
  0x0c: { bytes: 4, create: (n) => new Int32Array(n), get: (view, at) => view.getInt32(at) },
  0x0d: { bytes: 4, create: (n) => new Float32Array(n), get: (view, at) => view.getFloat32(at) },
  0x0e: { bytes: 8, create: (n) => new Float64Array(n), get: (view, at) => view.getFloat64(at) },
};

/**
 * Reads an IDX file, gzipped or not. In the browser and in Node.
 * @throws KindlingError for a file of another format, a truncated one, or one with bytes to spare.
 */
export async function parseIdx(source: Exclude<Source, string>): Promise<IdxArray> {
  let bytes = await bytesOf(source);
  if (bytes[0] === 0x1f && bytes[1] === 0x8b) bytes = await gunzip(bytes);
  const type = bytes.length >= 4 && bytes[0] === 0 && bytes[1] === 0 ? TYPES[bytes[2]] : undefined;
  if (type === undefined)
    throw new KindlingError(
      'This is no IDX file: it must begin with two zero bytes, a known element type and the number of dimensions.',
    );
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const rank = bytes[3];
  const start = 4 + 4 * rank;
  if (bytes.length < start)
    throw new KindlingError(`The IDX file is truncated: ${bytes.length} bytes, in the middle of its header.`);
  const shape = Array.from({ length: rank }, (_, i) => view.getUint32(4 + 4 * i));
  const length = shape.reduce((a, b) => a * b, 1);
  if (start + length * type.bytes !== bytes.length)
    throw new KindlingError(
      `The IDX file's shape [${shape.join(', ')}] needs ${start + length * type.bytes} bytes, but it has ${bytes.length}${bytes.length < start + length * type.bytes ? ': it is truncated' : ''}.`,
    );
  const data = type.create(length);
  for (let i = 0, at = start; i < length; i++, at += type.bytes) data[i] = type.get(view, at);
  return { shape, data };
}

async function gunzip(bytes: Uint8Array): Promise<Uint8Array> {
  const stream = new Blob([bytes as Uint8Array<ArrayBuffer>]).stream().pipeThrough(new DecompressionStream('gzip'));
  try {
    return new Uint8Array(await new Response(stream).arrayBuffer());
  } catch (error) {
    throw new KindlingError('The gzip file is damaged or truncated; fetch it again.', { cause: error });
  }
}
