/** A variable of the environment, in Node and in the browser; empty where it is not set. */
export function environment(name: string): string {
  const inNode = (globalThis as { process?: { env?: Record<string, string | undefined> } }).process?.env?.[name];
  const inBrowser = (import.meta as { env?: Record<string, string | undefined> }).env?.[name];
  return (inNode ?? inBrowser ?? '').trim();
}
