import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { alternate } from '../../measure.mjs';
import { startTorch } from './process.mjs';
import { python } from './python.mjs';

/** PyTorch in a process for each number of threads, where it is installed. */
export async function open({ threads }, log) {
  const found = spawnSync(python, ['-c', 'import torch; print(torch.__version__)'], { encoding: 'utf8' });
  if (found.status !== 0) {
    log(`PyTorch is skipped: ${python} cannot import torch (apt-get install python3-torch)`);
    return [];
  }
  const folder = mkdtempSync(join(tmpdir(), 'kindling-bench-'));
  process.on('exit', () => rmSync(folder, { recursive: true, force: true }));
  return threads.map((count) => {
    const processes = waitPolicies(count).map((policy) => startTorch(python, count, policy));
    return {
      name: count === 1 ? 'PyTorch' : `PyTorch, ${count} threads`,
      module: import.meta.url,
      version: found.stdout.trim(),
      threads: count,
      make: torchIn(
        processes.map(({ ask }) => ask),
        folder,
      ),
      close: () => Promise.all(processes.map((p) => p.close())),
    };
  });
}

/**
 * How its threads wait for each other: spinning, as they are when nothing is said, or asleep. Spinning is faster until
 * something else needs a processor for a moment: then a step of the MLP takes 2 to 100 ms, and asleep 1.3 to 1.5.
 */
function waitPolicies(threads) {
  const { OMP_WAIT_POLICY: given } = process.env;
  return threads === 1 || given !== undefined ? [given] : [undefined, 'PASSIVE'];
}

/** PyTorch in the process that is fastest for the work. */
function torchIn(processes, folder) {
  return async (work) => {
    if (processes.length === 1) return torchRunner(processes[0], folder, work);
    const runners = new Map();
    for (const ask of processes) runners.set(ask, await torchRunner(ask, folder, work));
    const times = await alternate(runners, { rounds: 5, batchMs: 30, warmupMs: 200, clock: 'wall' });
    const [fastest] = [...processes].sort((a, b) => times.get(a).median - times.get(b).median);
    return torchRunner(fastest, folder, work); // from the beginning again
  };
}

async function torchRunner(ask, folder, work) {
  let files = 0;
  const written = JSON.stringify(work, (_, value) => {
    if (!ArrayBuffer.isView(value)) return value;
    const file = join(folder, String(files++));
    writeFileSync(file, value);
    return { file, type: value.constructor.name, size: value.length };
  });
  await ask({ make: JSON.parse(written) });
  const check = async () => {
    const file = join(folder, 'result');
    const { size } = await ask({ check: file });
    const bytes = readFileSync(file);
    return new Float32Array(bytes.buffer, bytes.byteOffset, size);
  };
  return {
    run: () => ask({ run: 1 }),
    // it times itself: what the requests take is not its own
    elapsed: async (count, clock) => (await ask({ run: count }))[clock],
    ...(work.batches === undefined ? { check } : { finish: async () => (await check())[0] }),
  };
}
