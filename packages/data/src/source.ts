import { KindlingError } from '@kindling/core';

/** Where the bytes of a file come from. A string is text already. */
export type Source = string | Uint8Array | ArrayBuffer | Blob | ReadableStream<Uint8Array>;

/** All bytes of a source. */
export async function bytesOf(source: Source): Promise<Uint8Array> {
  if (typeof source === 'string') return new TextEncoder().encode(source);
  if (source instanceof Uint8Array) return source;
  if (source instanceof ArrayBuffer) return new Uint8Array(source);
  if (typeof Blob !== 'undefined' && source instanceof Blob) return new Uint8Array(await source.arrayBuffer());
  if (typeof (source as ReadableStream<Uint8Array> | null)?.getReader === 'function')
    return collect(source as ReadableStream<Uint8Array>);
  throw new KindlingError(
    `The source of a table must be text, a Uint8Array, a Blob or a ReadableStream of bytes, got ${source === null ? 'null' : typeof source}.`,
  );
}

async function collect(stream: ReadableStream<Uint8Array>): Promise<Uint8Array> {
  const chunks: Uint8Array[] = [];
  let length = 0;
  const reader = stream.getReader();
  for (;;) {
    const { done, value } = await reader.read();
    if (done) break;
    chunks.push(value);
    length += value.length;
  }
  const bytes = new Uint8Array(length);
  let at = 0;
  for (const chunk of chunks) {
    bytes.set(chunk, at);
    at += chunk.length;
  }
  return bytes;
}
