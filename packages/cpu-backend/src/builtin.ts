/** A module of Node, where there is one. Bundlers for browsers have nothing to resolve. */
export function builtin(name: string): unknown {
  return globalThis.process?.getBuiltinModule?.(name);
}
