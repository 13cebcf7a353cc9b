import { readFileSync } from 'node:fs';
import os from 'node:os';

/** CPU seconds used by everything on the machine, as the system counts them. */
function busySeconds() {
  let ms = 0;
  for (const { times } of os.cpus()) ms += times.user + times.nice + times.sys + times.irq;
  return ms / 1000;
}

let childSeconds = 0;

/** What a process that the bench started has used, in seconds. */
export function countAsOwn(seconds) {
  childSeconds += seconds;
}

/** What ended child processes have used from start to end, in seconds; undefined where the system does not tell. */
export function childrenSeconds() {
  if (process.platform !== 'linux') return undefined;
  const fields = readFileSync('/proc/self/stat', 'utf8').split(') ')[1].split(' ');
  return (Number(fields[13]) + Number(fields[14])) / 100; // cutime and cstime of proc(5), in ticks
}

/** Starts watching; the result tells how many cores other processes have used on average since. */
export function watchOthers() {
  const start = { wall: performance.now(), busy: busySeconds(), own: process.cpuUsage(), childSeconds };
  return () => {
    const { user, system } = process.cpuUsage(start.own);
    const seconds = (performance.now() - start.wall) / 1000;
    const own = (user + system) / 1e6 + childSeconds - start.childSeconds;
    return Math.max(0, (busySeconds() - start.busy - own) / seconds);
  };
}

/** What the numbers were measured on. */
export function machine() {
  const cpus = os.cpus();
  return {
    cpu: cpus[0]?.model.trim() ?? 'unknown',
    cores: cpus.length,
    memoryGiB: Math.round(os.totalmem() / 2 ** 30),
    system: `${os.type()} ${os.arch()}`,
    node: process.version,
  };
}
