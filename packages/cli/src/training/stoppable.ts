import type { Context } from '../context.js';

/** Runs `body` with a signal that the first Ctrl-C aborts. The second is the business of whoever started the process. */
export async function stoppable<T>(context: Context, body: (signal: AbortSignal) => Promise<T>): Promise<T> {
  const controller = new AbortController();
  const release = context.interrupts(() => {
    if (controller.signal.aborted) return;
    context.terminal.note('\nstopping after this step … (Ctrl-C again quits at once)');
    controller.abort();
  });
  try {
    return await body(controller.signal);
  } finally {
    release();
  }
}
