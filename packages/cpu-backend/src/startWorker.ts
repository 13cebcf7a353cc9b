import type { HostMath } from './hostMath.js';
import { CONTROL, MAX_KERNELS } from './walker.js';

/** What a worker needs to begin with. */
export interface WorkerStart {
  readonly memory: WebAssembly.Memory;
  /** The address of the control block. */
  readonly control: number;
  readonly worker: number;
  /** The module that `emitServe` wrote. */
  readonly serve: Uint8Array;
}

/** Ends a worker at once. */
export type Terminate = () => unknown;

type NodeWorker = InstanceType<typeof import('node:worker_threads').Worker>;

/**
 * What a worker runs, as text: there is no file to find, whatever bundler has been at work. It does what `serve` says,
 * loads kernels when that needs more, and ends with it. Own functions are tried out first, since an instrumenting tool
 * may have made them unusable here.
 */
const WORKER = /* @__PURE__ */ (() => `({ memory, control, worker, serve }, own) => {
  const { exp, log, sin, cos, tanh } = Math;
  const words = new Int32Array(memory.buffer, control, ${CONTROL.directory / 4});
  const table = new WebAssembly.Table({ element: 'anyfunc', initial: ${MAX_KERNELS} });
  const instance = (code) =>
    new WebAssembly.Instance(new WebAssembly.Module(code), {
      k: { m: memory, t: table, exp, log, sin, cos, tanh, ...own },
    }).exports.run;
  let problem = 1;
  let arrived = 0;
  let loaded = 0;
  try {
    for (const name in own) own[name](0.5, 2);
    const run = instance(serve);
    Atomics.add(words, ${CONTROL.arrived / 4}, (arrived = 1));
    for (;;) {
      problem = 2;
      if (run(control, worker, loaded) === 0) break;
      own.clearUpperHalves();
      problem = 1;
      // after this the buffer is as large as another thread has made it
      memory.grow(0);
      const { buffer } = memory;
      const directory = new Int32Array(buffer, control + ${CONTROL.directory}, ${2 * MAX_KERNELS});
      for (const count = Atomics.load(words, ${CONTROL.kernels / 4}); loaded < count; loaded++)
        table.set(loaded, instance(new Uint8Array(buffer, directory[2 * loaded], directory[2 * loaded + 1]).slice()));
    }
    problem = 0;
  } finally {
    if (problem) Atomics.store(words, ${CONTROL.broken / 4}, problem);
    Atomics.add(words, ${CONTROL.left / 4}, arrived);
    Atomics.store(words, ${CONTROL.taken / 4} + worker, 0);
  }
}`)();

/** Starts a worker that keeps no process alive. Throws where it cannot; what goes wrong later is given to `failed`. */
export function startWorker(start: WorkerStart, functions: HostMath, failed: () => void): Terminate {
  const own = Object.entries(functions).map(([name, f]) => `${JSON.stringify(name)}: ${f.toString()}`);
  const body = (data: string) => `(${WORKER})(${data}, { ${own.join(', ')} })`;
  const threads = globalThis.process?.getBuiltinModule?.('node:worker_threads');
  if (threads) {
    // nothing of the process' own set-up, such as loaders, is to run in the worker
    const worker: NodeWorker = new threads.Worker(body("process.getBuiltinModule('node:worker_threads').workerData"), {
      eval: true,
      workerData: start,
      execArgv: [],
      env: {},
    });
    worker.on('error', failed);
    worker.unref();
    return () => worker.terminate();
  }
  const url = URL.createObjectURL(
    new Blob([`onmessage = ({ data }) => { postMessage(0); ${body('data')}; close(); }`], { type: 'text/javascript' }),
  );
  const worker = new Worker(url);
  worker.onmessage = () => URL.revokeObjectURL(url);
  worker.onerror = (event) => {
    event.preventDefault();
    failed();
  };
  worker.postMessage(start);
  return () => worker.terminate();
}
