import { KindlingError } from '@kindling/core';

const SAMPLE = 65_536;

/**
 * The bytes of a UTF-8 text without its byte-order mark. Anything else gets an error that says what the file looks
 * like and what to do: UTF-16, an archive, a spreadsheet, Parquet, other binary data, an older encoding.
 */
export function utf8(bytes: Uint8Array, name: string): Uint8Array {
  if (bytes.length === 0) throw new KindlingError(`${name} is empty.`);
  if (bytes[0] === 0xef && bytes[1] === 0xbb && bytes[2] === 0xbf) bytes = bytes.subarray(3);
  const known = signature(bytes);
  if (known !== undefined) throw new KindlingError(`${name} ${known}`);
  const wide = utf16(bytes);
  if (wide !== undefined)
    throw new KindlingError(
      `${name} looks like UTF-16 (${wide}) text; save it as UTF-8, for instance with: iconv -f ${wide} -t UTF-8 file.csv > utf8.csv`,
    );
  const nul = bytes.indexOf(0);
  if (nul !== -1)
    throw new KindlingError(
      `${name} is binary data, not text (a zero byte at offset ${nul}); a table must be comma- or tab-separated text.`,
    );
  const invalid = firstInvalid(bytes);
  if (invalid !== undefined)
    throw new KindlingError(
      `${name} is not UTF-8 text (a byte 0x${bytes[invalid].toString(16)} on line ${lineAt(bytes, invalid)}); it may be Latin-1 or Windows-1252: save it as UTF-8, for instance with: iconv -f WINDOWS-1252 -t UTF-8 file.csv > utf8.csv`,
    );
  return bytes;
}

function utf16(bytes: Uint8Array): 'UTF-16LE' | 'UTF-16BE' | undefined {
  if (bytes[0] === 0xff && bytes[1] === 0xfe) return 'UTF-16LE';
  if (bytes[0] === 0xfe && bytes[1] === 0xff) return 'UTF-16BE';
  // without a mark: most Latin text has a zero in every second byte, and nowhere else
  const length = Math.min(bytes.length, SAMPLE) & ~1;
  let even = 0;
  let odd = 0;
  for (let i = 0; i < length; i += 2) {
    if (bytes[i] === 0) even++;
    if (bytes[i + 1] === 0) odd++;
  }
  if (odd > 0.4 * (length / 2) && even < 0.05 * (length / 2)) return 'UTF-16LE';
  if (even > 0.4 * (length / 2) && odd < 0.05 * (length / 2)) return 'UTF-16BE';
  return undefined;
}

function signature(bytes: Uint8Array): string | undefined {
  const starts = (...prefix: number[]): boolean => prefix.every((byte, i) => bytes[i] === byte);
  if (starts(0x1f, 0x8b)) return 'is compressed with gzip; unpack it first (gunzip).';
  if (starts(0x50, 0x4b, 3, 4))
    return 'is a zip archive or an Excel workbook, not text; unpack it, or save the sheet as CSV (UTF-8).';
  if (starts(0xd0, 0xcf, 0x11, 0xe0)) return 'is an old Excel workbook, not text; save the sheet as CSV (UTF-8).';
  if (starts(0x50, 0x41, 0x52, 0x31)) return 'is a Parquet file, not text; export it as CSV.';
  return undefined;
}

/** Where the first byte that is not UTF-8 is, to within a few bytes; undefined where all is well. */
function firstInvalid(bytes: Uint8Array): number | undefined {
  if (decodes(bytes)) return undefined;
  let low = 0;
  let high = bytes.length; // the prefix of length `low` decodes (but for a cut character), that of length `high` does not
  while (high - low > 1) {
    const middle = (low + high) >>> 1;
    // only the half in question is decoded, so that the search is linear altogether
    if (decodes(bytes.subarray(boundary(bytes, low), middle), true)) low = middle;
    else high = middle;
  }
  // `low` is where the sequence fails, which may be just after the byte that promised more
  let at = low;
  while (at > 0 && low - at < 3 && bytes[at] < 0x80) at--;
  return bytes[at] < 0x80 ? low : at;
}

function decodes(bytes: Uint8Array, partial = false): boolean {
  const decoder = new TextDecoder('utf-8', { fatal: true });
  try {
    for (let at = 0; at < bytes.length; at += SAMPLE) decoder.decode(bytes.subarray(at, at + SAMPLE), { stream: true });
    if (!partial) decoder.decode();
    return true;
  } catch {
    return false;
  }
}

/** The start of the character that `at` lies in. */
function boundary(bytes: Uint8Array, at: number): number {
  let start = at;
  while (start > 0 && at - start < 4 && (bytes[start] & 0xc0) === 0x80) start--;
  return start;
}

function lineAt(bytes: Uint8Array, offset: number): number {
  let line = 1;
  for (let i = 0; i < offset; i++) if (bytes[i] === 10) line++;
  return line;
}
