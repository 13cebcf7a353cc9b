import { KindlingError, tensor, type DType, type Tensor } from '@kindling/core';
import { bytesOf, elementsOf, fromStored, requireFilled, STORED_BYTES, type RawArray, type Stored } from './array.js';
import { toHalf } from './half.js';
import { readBytes, type ByteSource } from './source.js';

const STORED: Readonly<Record<string, Stored>> = {
  f2: 'F16', f4: 'F32', f8: 'F64', i1: 'I8', i2: 'I16', i4: 'I32', i8: 'I64', u1: 'U8', u2: 'U16', u4: 'U32', u8: 'U64', b1: 'BOOL',
}; // prettier-ignore
const DESCRIBED: Readonly<Record<DType, string>> = {
  float16: '<f2',
  float32: '<f4',
  float64: '<f8',
  int32: '<i4',
  uint32: '<u4',
  bool: '|b1',
};
/** `{'descr': '<f4', 'fortran_order': False, 'shape': (3, 4), }`, its keys in any order. */
const HEADER =
  /^\s*\{\s*((?:'(?:descr|fortran_order|shape)'\s*:\s*(?:'[^']*'|True|False|\([\d,\sL]*\))\s*,?\s*){3})\}\s*$/;

/**
 * Reads NumPy's `.npy`: either byte order, C or Fortran order, versions 1 to 3. Half precision becomes float32; 8-, 16-
 * and 64-bit integers become int32 (uint64: uint32) where every value fits.
 * @throws KindlingError for another format, a truncated file, and element types such as objects, strings and records.
 */
export async function readNpy(source: ByteSource): Promise<Tensor> {
  const { data, shape, dtype } = decodeNpy(await readBytes(source, 'an .npy file'));
  return tensor(data, { shape, dtype, copy: false });
}

/** The bytes of an `.npy` file of a tensor, whose value is read. */
export async function writeNpy(value: Tensor): Promise<Uint8Array<ArrayBuffer>> {
  return encodeNpy({ dtype: value.dtype, shape: value.shape, data: await value.data() });
}

/** `readNpy` for bytes in memory, giving a typed array (a copy). */
export function decodeNpy(bytes: Uint8Array): RawArray {
  const magic = [0x93, 0x4e, 0x55, 0x4d, 0x50, 0x59];
  if (!magic.every((byte, i) => bytes[i] === byte))
    throw fault('the file does not begin with \\x93NUMPY: it is another format');
  const major = bytes[6];
  if (bytes.length < 12 || major < 1 || major > 3)
    throw fault(bytes.length < 12 ? 'the file is truncated' : `version ${major} is unknown`);
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const start = major === 1 ? 10 : 12;
  const length = major === 1 ? view.getUint16(8, true) : view.getUint32(8, true);
  if (start + length > bytes.length)
    throw fault(`the header claims ${length} bytes, but only ${bytes.length - start} follow: the file is truncated`);
  if (length > 10_000) throw fault(`the header claims ${length} bytes, far more than an array's description needs`);
  const { descr, fortran, shape } = parseHeader(new TextDecoder().decode(bytes.subarray(start, start + length)));
  const stored = /^[<>|=]/.test(descr) && Object.hasOwn(STORED, descr.slice(1)) ? STORED[descr.slice(1)] : undefined;
  if (stored === undefined) throw fault(`element type '${descr}' is not read; ${Object.keys(STORED).join(', ')} are`);
  const elements = elementsOf(shape);
  const needed = (elements ?? Infinity) * STORED_BYTES[stored];
  const found = bytes.length - start - length;
  if (elements === undefined || needed !== found)
    throw fault(
      `shape [${shape.join(', ')}] of type '${descr}' needs ${needed} bytes, but the file has ${found}${found < needed ? ': it is truncated' : ''}`,
    );
  let content = bytes.subarray(start + length);
  if (descr.startsWith('>')) content = swapped(content, STORED_BYTES[stored]);
  const array = fromStored(stored, content, 'The .npy file');
  return { dtype: array.dtype, shape, data: fortran && shape.length > 1 ? transposed(array.data, shape) : array.data };
}

/** `writeNpy` for a typed array. A float16 array is held as float32 and stored in half precision. */
export function encodeNpy(array: RawArray): Uint8Array<ArrayBuffer> {
  requireFilled('writeNpy', 'the array', array);
  const tuple = array.shape.length === 1 ? `${array.shape[0]},` : array.shape.join(', ');
  const text = `{'descr': '${DESCRIBED[array.dtype]}', 'fortran_order': False, 'shape': (${tuple}), }`;
  const length = Math.ceil((10 + text.length + 1) / 64) * 64 - 10; // the elements begin at a multiple of 64
  const header = text.padEnd(length - 1) + '\n';
  const data = bytesOf(array.dtype === 'float16' ? toHalf(array.data) : array.data);
  const bytes = new Uint8Array(10 + length + data.length);
  bytes.set([0x93, 0x4e, 0x55, 0x4d, 0x50, 0x59, 1, 0]);
  new DataView(bytes.buffer).setUint16(8, length, true);
  bytes.set(new TextEncoder().encode(header), 10);
  bytes.set(data, 10 + length);
  return bytes;
}

function parseHeader(text: string): { descr: string; fortran: boolean; shape: number[] } {
  const fields = HEADER.exec(text)?.[1];
  const descr = fields && /'descr'\s*:\s*'([^']*)'/.exec(fields)?.[1];
  const order = fields && /'fortran_order'\s*:\s*(True|False)/.exec(fields)?.[1];
  const tuple = fields && /'shape'\s*:\s*\(([\d,\sL]*)\)/.exec(fields)?.[1];
  if (descr === undefined || order === undefined || tuple === undefined)
    throw fault(`the header does not describe a plain array: ${text.trim().slice(0, 120)}`);
  const sizes = tuple.split(',').map((size) => size.trim().replace(/L$/, ''));
  return { descr, fortran: order === 'True', shape: sizes.filter((size) => size !== '').map(Number) };
}

function swapped(bytes: Uint8Array, size: number): Uint8Array {
  const result = new Uint8Array(bytes.length);
  for (let at = 0; at < bytes.length; at += size)
    for (let i = 0; i < size; i++) result[at + i] = bytes[at + size - 1 - i]!;
  return result;
}

/** Elements in Fortran order (the first index runs fastest) → in C order. */
function transposed<T extends RawArray['data']>(data: T, shape: readonly number[]): T {
  const result = data.slice() as T;
  const index = new Array<number>(shape.length).fill(0);
  const stride: number[] = [];
  shape.reduce((product, size, i) => ((stride[i] = product), product * size), 1);
  let from = 0;
  for (let to = 0; to < data.length; to++) {
    result[to] = data[from]!;
    for (let i = shape.length - 1; i >= 0; i--) {
      from += stride[i];
      if (++index[i] < shape[i]) break;
      from -= stride[i] * shape[i];
      index[i] = 0;
    }
  }
  return result;
}

function fault(problem: string): KindlingError {
  return new KindlingError(`Cannot read the .npy file: ${problem}.`);
}
