/** A command as a shell takes it. */
export function commandLine(words: readonly string[]): string {
  return words.map(quoted).join(' ');
}

function quoted(word: string): string {
  return /^[\w@%+=:,./-]+$/.test(word) ? word : `'${word.replace(/'/g, `'\\''`)}'`;
}

/** A value as a flag's text, and as help shows a default. */
export function flagText(value: unknown): string {
  if (typeof value === 'string') return value;
  if (Array.isArray(value) && !value.some((x) => typeof x === 'object')) return value.map(flagText).join(',');
  return JSON.stringify(value) ?? String(value);
}
