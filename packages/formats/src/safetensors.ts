import { KindlingError, tensor, type DType, type Tensor } from '@kindling/core';
import { bytesOf, elementsOf, fromStored, requireFilled, STORED_BYTES, type RawArray, type Stored } from './array.js';
import { toHalf } from './half.js';
import { readBytes, type ByteSource } from './source.js';
import { repeatedKey } from './uniqueKeys.js';

/** What a safetensors file holds, without Tensors. */
export interface SafetensorsFile {
  readonly tensors: Record<string, RawArray>;
  readonly metadata: Record<string, string>;
}

/** The reference implementation's limit. */
const LONGEST_HEADER = 100_000_000;
const METADATA = '__metadata__';

/**
 * Reads a safetensors file: an 8-byte length, a JSON header, the elements. F16 and BF16 become float32; 8- and 16-bit
 * and 64-bit integers become int32 (U64: uint32) where every value fits.
 * @throws KindlingError for anything that the format forbids, naming the tensor and the numbers at fault: a header that
 * is longer than the file or 100 MB, is not UTF-8 or JSON, or has a key twice; a tensor outside the file, overlapping
 * another, leaving a hole, of an unknown type, or of a shape that does not fit its bytes.
 */
export async function readSafetensors(source: ByteSource): Promise<Record<string, Tensor>> {
  const { tensors } = decodeSafetensors(await readBytes(source, 'a safetensors file'));
  return Object.fromEntries(
    Object.entries(tensors).map(([name, { data, shape, dtype }]) => [
      name,
      tensor(data, { shape, dtype, copy: false }),
    ]),
  );
}

/** The bytes of a safetensors file of these tensors, whose values are read. `metadata` holds strings by name. */
export async function writeSafetensors(
  tensors: Readonly<Record<string, Tensor>>,
  metadata: Readonly<Record<string, string>> = {},
): Promise<Uint8Array<ArrayBuffer>> {
  const read = await Promise.all(
    Object.entries(tensors).map(
      async ([name, value]) => [name, { dtype: value.dtype, shape: value.shape, data: await value.data() }] as const,
    ),
  );
  return encodeSafetensors(Object.fromEntries(read), metadata);
}

interface Entry {
  readonly name: string;
  readonly stored: Stored;
  readonly shape: number[];
  readonly begin: number;
  readonly end: number;
}

/** `readSafetensors` for bytes in memory, giving typed arrays. The arrays are copies. */
export function decodeSafetensors(bytes: Uint8Array): SafetensorsFile {
  const { header, start } = readHeader(bytes);
  const room = bytes.length - start;
  const entries: Entry[] = [];
  let metadata: Record<string, string> = {};
  for (const [name, value] of Object.entries(header)) {
    if (name === METADATA) metadata = readMetadata(value);
    else entries.push(readEntry(name, value, room));
  }
  requireCovered(entries, room);
  const tensors = entries.map(({ name, stored, shape, begin, end }) => {
    const found = fromStored(stored, bytes.subarray(start + begin, start + end), `Safetensors tensor '${name}'`);
    return [name, { ...found, shape }] as const;
  });
  return { tensors: Object.fromEntries(tensors), metadata };
}

/** `writeSafetensors` for typed arrays. A float16 array is held as float32 and stored as F16. */
export function encodeSafetensors(
  tensors: Readonly<Record<string, RawArray>>,
  metadata: Readonly<Record<string, string>> = {},
): Uint8Array<ArrayBuffer> {
  const parts = Object.entries(tensors).map(([name, array]) => {
    if (name === METADATA)
      throw new KindlingError(`writeSafetensors: a tensor cannot be named '${METADATA}'; the format keeps that name.`);
    requireFilled('writeSafetensors', name, array);
    const stored = STORED_AS[array.dtype];
    const data = bytesOf(array.dtype === 'float16' ? toHalf(array.data) : array.data);
    return { name, stored, shape: array.shape, data };
  });
  // widest elements first, then by name, as the reference implementation: every tensor is aligned, and the bytes do
  // not depend on the order of insertion
  parts.sort((a, b) => STORED_BYTES[b.stored] - STORED_BYTES[a.stored] || (a.name < b.name ? -1 : 1));
  const header: [string, unknown][] = [];
  if (Object.keys(metadata).length > 0) header.push([METADATA, requireStrings(metadata)]);
  let offset = 0;
  for (const { name, stored, shape, data } of parts) {
    header.push([name, { dtype: stored, shape, data_offsets: [offset, offset + data.length] }]);
    offset += data.length;
  }
  const json = new TextEncoder().encode(JSON.stringify(Object.fromEntries(header)));
  const length = Math.ceil(json.length / 8) * 8;
  if (length > LONGEST_HEADER)
    throw new KindlingError(
      `writeSafetensors: the header would take ${length} bytes; the format allows ${LONGEST_HEADER}.`,
    );
  const bytes = new Uint8Array(8 + length + offset);
  new DataView(bytes.buffer).setUint32(0, length, true);
  bytes.fill(32, 8, 8 + length);
  bytes.set(json, 8);
  let at = 8 + length;
  for (const { data } of parts) {
    bytes.set(data, at);
    at += data.length;
  }
  return bytes;
}

const STORED_AS: Readonly<Record<DType, Stored>> = {
  float64: 'F64',
  float32: 'F32',
  float16: 'F16',
  int32: 'I32',
  uint32: 'U32',
  bool: 'BOOL',
};

function readHeader(bytes: Uint8Array): { header: Record<string, unknown>; start: number } {
  if (bytes.length < 8)
    throw fault(`the file has ${bytes.length} bytes; even an empty one has 10. It is truncated, or another format`);
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const length = view.getUint32(0, true) + view.getUint32(4, true) * 2 ** 32;
  if (length > LONGEST_HEADER)
    throw fault(
      `the header claims ${length} bytes; the format allows ${LONGEST_HEADER}. The file is damaged, or another format`,
    );
  if (8 + length > bytes.length)
    throw fault(
      `the header claims ${length} bytes, but only ${bytes.length - 8} follow. The file is truncated, or another format`,
    );
  let text: string;
  try {
    text = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes.subarray(8, 8 + length));
  } catch {
    throw fault('the header is not UTF-8 text');
  }
  let header: unknown;
  try {
    header = JSON.parse(text);
  } catch (error) {
    throw fault(`the header is not JSON (${(error as Error).message})`);
  }
  if (!text.startsWith('{') || header === null || typeof header !== 'object')
    throw fault('the header must be a JSON object that begins with {');
  const repeated = repeatedKey(text);
  if (repeated !== undefined) throw fault(`the header has the key '${shorten(repeated)}' twice`);
  return { header: header as Record<string, unknown>, start: 8 + length };
}

function readMetadata(value: unknown): Record<string, string> {
  if (value === null || typeof value !== 'object' || Array.isArray(value))
    throw fault(`${METADATA} must be an object of strings`);
  return requireStrings(value as Record<string, unknown>);
}

function requireStrings(metadata: Readonly<Record<string, unknown>>): Record<string, string> {
  for (const [key, value] of Object.entries(metadata))
    if (typeof value !== 'string')
      throw fault(`${METADATA} must hold strings, but '${shorten(key)}' is a ${typeof value}`);
  return metadata as Record<string, string>;
}

function readEntry(name: string, value: unknown, room: number): Entry {
  const wrong = (problem: string): KindlingError => fault(`tensor '${shorten(name)}' ${problem}`);
  if (value === null || typeof value !== 'object' || Array.isArray(value))
    throw wrong('must be an object with dtype, shape and data_offsets');
  const { dtype, shape, data_offsets: offsets } = value as Record<string, unknown>;
  if (typeof dtype !== 'string' || !Object.hasOwn(STORED_BYTES, dtype))
    throw wrong(
      `has dtype ${show(dtype)}, which this release does not read; it reads ${Object.keys(STORED_BYTES).join(', ')}`,
    );
  const stored = dtype as Stored;
  const elements = Array.isArray(shape) ? elementsOf(shape) : undefined;
  if (elements === undefined)
    throw wrong(`has shape ${show(shape)}; it must be an array of at most 32 sizes from 0 that memory can hold`);
  if (!Array.isArray(offsets) || offsets.length !== 2 || !offsets.every((offset) => Number.isSafeInteger(offset)))
    throw wrong(`has data_offsets ${show(offsets)}; they must be two integers`);
  const [begin, end] = offsets as [number, number];
  if (begin < 0 || end < begin || end > room)
    throw wrong(
      `lies at bytes ${begin} to ${end}, but the file has ${room} bytes of data${end > room ? '; it is truncated or damaged' : ''}`,
    );
  const needed = elements * STORED_BYTES[stored];
  if (end - begin !== needed)
    throw wrong(
      `of shape [${(shape as number[]).join(', ')}] and dtype ${stored} needs ${needed} bytes, but has ${end - begin}`,
    );
  return { name, stored, shape: shape as number[], begin, end };
}

/** Every byte belongs to exactly one tensor. */
function requireCovered(entries: readonly Entry[], room: number): void {
  let at = 0;
  for (const { name, begin, end } of [...entries].sort((a, b) => a.begin - b.begin || a.end - b.end)) {
    if (begin < at) throw fault(`tensor '${shorten(name)}' begins at byte ${begin}, within another that ends at ${at}`);
    if (begin > at) throw fault(`bytes ${at} to ${begin} belong to no tensor`);
    at = end;
  }
  if (at < room) throw fault(`the last ${room - at} bytes belong to no tensor`);
}

function fault(problem: string): KindlingError {
  return new KindlingError(`Safetensors: ${problem}.`);
}

function show(value: unknown): string {
  return value === undefined ? 'missing' : shorten(JSON.stringify(value));
}

function shorten(text: string): string {
  return text.length > 80 ? `${text.slice(0, 79)}…` : text;
}
