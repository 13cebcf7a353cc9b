import { coldStart } from './coldStart.mjs';
import { lastRun } from './lastRun.mjs';

const rows = {
  'first-step': ['first step of that MLP in a process (trace, compile, run)', [['mlp']]],
  'adds-again': [
    'adds, 1100 after 1000 and one read each, in a process that does nothing else',
    [['adds', 1000, 64], ['adds', 1100, 64]],
  ],
}; // prettier-ignore

/** What can be measured once in a process only: each gives a row of the table. */
export const fresh = {
  ...Object.fromEntries(Object.entries(rows).map(([name, [title, works]]) => [name, lastRun(name, title, works)])),
  'cold-start': coldStart,
};
