import { spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { childrenSeconds, countAsOwn } from '../../machine.mjs';

export const pathOf = (name) => fileURLToPath(new URL(name, import.meta.url));

/** Says the medians of a row. */
export function tell(log, name, times) {
  log(`${name}: ${Object.entries(times).map(([who, { median }]) => `${who} ${median.toPrecision(3)} ms`).join(', ')}`); // prettier-ignore
}

/** Runs a program whose last line is JSON with `used`, its seconds on processors. Also tells its milliseconds on the wall. */
export async function runProgram(command, args, env = process.env) {
  const [start, usedBefore] = [performance.now(), childrenSeconds()];
  const child = spawn(command, args, { env, stdio: ['ignore', 'pipe', 'inherit'] });
  let text = '';
  child.stdout.on('data', (data) => (text += data));
  const code = await new Promise((resolve, reject) => child.on('close', resolve).on('error', reject));
  const wall = performance.now() - start;
  if (code !== 0) throw new Error(`${command} ${args.join(' ')} ended with status ${code}`);
  const answer = JSON.parse(text.trim().split('\n').at(-1));
  countAsOwn(usedBefore === undefined ? answer.used : childrenSeconds() - usedBefore);
  return { ...answer, wall };
}
