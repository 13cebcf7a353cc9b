/**
 * What a cell without a value looks like, in any capitals: the empty cell, `NA`, `N/A`, `#N/A`, `<NA>`, `NaN`, `null`,
 * `?` and `.`. Two more, `none` and `-`, count as missing only in a column whose other cells are all numbers: in a
 * column of words they are a word ("none", "mild", "severe").
 */
export const MISSING: ReadonlySet<string> = new Set(['', 'na', 'n/a', '#n/a', '<na>', 'nan', 'null', '?', '.']);

const MISSING_AMONG_NUMBERS: ReadonlySet<string> = new Set(['none', '-']);

/** Whether a trimmed cell holds no value. */
export function isMissing(text: string): boolean {
  return text.length === 0 || (text.length <= 4 && MISSING.has(text.toLowerCase()));
}

/** Whether a trimmed cell holds no value, given that the column's other cells are numbers. */
export function isMissingAmongNumbers(text: string): boolean {
  return isMissing(text) || (text.length <= 4 && MISSING_AMONG_NUMBERS.has(text.toLowerCase()));
}

/** A number with a decimal comma. */
export const DECIMAL_COMMA = /^([+-]?\d*),(\d+(?:[eE][+-]?\d+)?)$/;
/** … or with a comma between thousands. */
const THOUSANDS = /^[+-]?\d{1,3},\d{3}$/;

/** What to do about words that seem to be numbers with a decimal comma: a sentence, or undefined where they do not. */
export function decimalCommaHint(words: readonly string[]): string | undefined {
  const commas = words.filter((word) => DECIMAL_COMMA.test(word));
  const example = commas.find((word) => !THOUSANDS.test(word));
  const numbers = commas.length + words.filter((word) => parseNumber(word) !== undefined).length;
  if (example === undefined || numbers < 0.9 * words.length) return undefined;
  return `they seem to be numbers with a decimal comma, such as '${example}': read them with decimal ','`;
}

/** The number that a trimmed cell writes (also ±Infinity), or undefined where it is not one. */
export function parseNumber(text: string): number | undefined {
  const first = text.charCodeAt(0);
  const second = text.charCodeAt(1) | 32;
  // Number() also reads '', 0x10, 0b1 and 0o7, which no table means as a number
  const digit = first >= 48 && first <= 57;
  if (digit || first === 43 || first === 45 || first === 46) {
    if (first === 48 && (second === 120 || second === 98 || second === 111)) return undefined;
    const value = Number(text);
    if (value === value) return value;
  }
  return digit ? undefined : parseInfinity(text);
}

function parseInfinity(text: string): number | undefined {
  if (text.length > 9) return undefined;
  const found = /^([+-]?)inf(inity)?$/i.exec(text);
  return found === null ? undefined : found[1] === '-' ? -Infinity : Infinity;
}
