import { readFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import { fileProblem } from './fileProblem.js';

/** A text file, or an error that says what it is for and why it cannot be read. */
export async function readTextFile(path: string, cwd: string, what: string): Promise<string> {
  try {
    return await readFile(resolve(cwd, path), 'utf8');
  } catch (error) {
    throw fileProblem(`cannot read the ${what} ${path}`, error);
  }
}
