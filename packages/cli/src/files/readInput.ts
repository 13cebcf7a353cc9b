import { readFile, stat } from 'node:fs/promises';
import { resolve } from 'node:path';
import { KindlingError } from '@kindling/core';
import type { Context } from '../context.js';
import { fileProblem } from './fileProblem.js';

/** Bytes to read a table from, and what messages call them. */
export interface Input {
  readonly name: string;
  readonly bytes: Uint8Array;
}

/** A file, or standard input for `-`. */
export async function readInput({ cwd, stdin }: Context, path: string): Promise<Input> {
  if (path === '-') return { name: 'standard input', bytes: await collect(stdin) };
  if (path === '') throw new KindlingError('the name of the table is empty');
  const full = resolve(cwd, path);
  try {
    // a folder, a device or a socket is not a table; reading some of these would never end
    const facts = await stat(full);
    if (facts.isDirectory()) throw new KindlingError(`cannot read ${path}: it is a folder, not a table`);
    return { name: path, bytes: await readFile(full) };
  } catch (error) {
    throw fileProblem(`cannot read ${path}`, error);
  }
}

async function collect(stream: AsyncIterable<Uint8Array | string>): Promise<Uint8Array> {
  const chunks: Uint8Array[] = [];
  for await (const chunk of stream) chunks.push(typeof chunk === 'string' ? new TextEncoder().encode(chunk) : chunk);
  return Buffer.concat(chunks);
}
