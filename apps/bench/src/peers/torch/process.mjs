import { spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { countAsOwn } from '../../machine.mjs';

/** Debian's OpenBLAS takes some processors for old ones. */
const coreType = process.env.OPENBLAS_CORETYPE ?? 'SKYLAKEX';

/**
 * Memory that is freed stays with the process. By default glibc gives every large array back to the system, and each
 * first touch of a page of the next one costs more than the arithmetic on it: 8.8 ms instead of 0.8 for a softmax, 320
 * instead of 18 for an update of Adam. Pages are large, where the system has such, since fewer have to be touched first.
 */
const allocator = {
  MALLOC_MMAP_MAX_: '0',
  MALLOC_TRIM_THRESHOLD_: String(2 ** 40),
  MALLOC_TOP_PAD_: String(2 ** 28),
  GLIBC_TUNABLES: 'glibc.malloc.hugetlb=1',
};

/** Its BLAS has threads of its own, as many as the environment says when it starts. */
export const environment = (threads, waitPolicy) => ({
  ...allocator,
  ...process.env,
  OPENBLAS_CORETYPE: coreType,
  OPENBLAS_NUM_THREADS: String(threads),
  OMP_NUM_THREADS: String(threads),
  ...(waitPolicy === undefined ? {} : { OMP_WAIT_POLICY: waitPolicy }),
});

/** Starts PyTorch; `ask` sends one request and waits for its answer. */
export function startTorch(python, threads, waitPolicy) {
  const child = spawn(python, [fileURLToPath(new URL('peer.py', import.meta.url)), String(threads)], {
    env: environment(threads, waitPolicy),
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  let waiting;
  let used = 0;
  let gone;
  createInterface({ input: child.stdout }).on('line', (line) => {
    const answer = JSON.parse(line);
    countAsOwn(answer.used - used);
    used = answer.used;
    waiting.resolve(answer);
    waiting = undefined;
  });
  child.on('exit', (code) => {
    gone = new Error(`PyTorch ended with status ${code}`);
    waiting?.reject(gone);
  });
  process.on('exit', () => child.kill());
  return {
    ask: (request) =>
      new Promise((resolve, reject) => {
        if (gone) return reject(gone);
        waiting = { resolve, reject };
        child.stdin.write(`${JSON.stringify(request)}\n`);
      }),
    /** Ends it, and waits until it has. */
    close: () =>
      new Promise((resolve) => {
        child.once('close', resolve);
        child.stdin.end();
      }),
  };
}
