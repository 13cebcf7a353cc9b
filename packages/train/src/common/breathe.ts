let last = 0;

/**
 * Lets timers, signals and messages through where it was long ago, which awaiting a promise alone does not. The time is
 * everyone's: many short runs in a row shall not keep the event loop waiting either.
 */
export async function breathe(): Promise<void> {
  if (now() - last < 25) return;
  await turn();
  last = now();
}

export function now(): number {
  return performance.now();
}

/** One turn of the event loop, without the delay that browsers give to timers. */
function turn(): Promise<void> {
  const { setImmediate } = globalThis as { setImmediate?: (f: () => void) => void };
  if (setImmediate !== undefined) return new Promise((resolve) => setImmediate(resolve));
  return new Promise((resolve) => {
    const { port1, port2 } = new MessageChannel();
    port1.onmessage = () => {
      port1.close();
      resolve();
    };
    port2.postMessage(undefined);
  });
}
