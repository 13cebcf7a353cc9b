/** What the library says of its options, said of the flags they are here. */
export function inFlags(text: string): string {
  return text.replaceAll('dropMissingTarget', '--drop-missing-target').replaceAll("decimal ','", '--decimal comma');
}

/** The same error, of flags. */
export function withFlags<E extends Error>(error: E): E {
  const message = inFlags(error.message);
  if (message !== error.message) error.message = message;
  return error;
}
