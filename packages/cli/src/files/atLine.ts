import { inFlags } from '../choices/inFlags.js';

/** The error about the nth of some rows, which begin with row `first` of a file, as one about a line of the file. */
export function atLine(error: unknown, file: string, lines: readonly number[], first = 0): unknown {
  if (error instanceof Error)
    error.message = inFlags(
      error.message.replace(/^Row (\d+)\b/, (_, n: string) => `${file}, line ${lines[first + Number(n) - 1]}`),
    );
  return error;
}
