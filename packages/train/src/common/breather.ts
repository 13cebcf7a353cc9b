/** Lets timers, signals and messages through, which awaiting a promise alone does not. */
export class Breather {
  #last = now();

  /** Waits for one turn of the event loop if the last was long ago. */
  async breathe(): Promise<void> {
    if (now() - this.#last < 25) return;
    await turn();
    this.#last = now();
  }
}

export function now(): number {
  return performance.now();
}

/** One turn of the event loop, without the delay that browsers give to timers. */
export function turn(): Promise<void> {
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
