import { coldStart } from './coldStart.mjs';
import { firstStep } from './firstStep.mjs';

/** What can be measured once in a process only: each gives a row of the table. */
export const fresh = { 'first-step': firstStep, 'cold-start': coldStart };
