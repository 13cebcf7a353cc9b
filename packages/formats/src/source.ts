import { KindlingError } from '@kindling/core';

/** Where the bytes of a file come from: an answer of `fetch`, a Blob or File, or the bytes themselves. */
export type ByteSource = Response | Blob | Uint8Array | ArrayBuffer;

/** All bytes. Throws a KindlingError for an answer that is no success. */
export async function readBytes(source: ByteSource, what: string): Promise<Uint8Array> {
  if (source instanceof Uint8Array) return source;
  if (source instanceof ArrayBuffer) return new Uint8Array(source);
  if (typeof Response !== 'undefined' && source instanceof Response) {
    if (!source.ok)
      throw new KindlingError(
        `Cannot read ${what} from ${source.url || 'the response'}: status ${source.status} ${source.statusText}`.trimEnd(),
      );
    return new Uint8Array(await source.arrayBuffer());
  }
  if (typeof Blob !== 'undefined' && source instanceof Blob) return new Uint8Array(await source.arrayBuffer());
  throw new KindlingError(
    `Cannot read ${what}: the source must be a Response, a Blob or a Uint8Array, got ${source === null ? 'null' : typeof source}.`,
  );
}
