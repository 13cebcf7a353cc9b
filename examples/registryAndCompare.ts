// Losses and optimizers by name, and which of them suits a table best.
import { createRegistry, relu, setDefaultBackend } from '@kindling/core';
import { cpu } from '@kindling/cpu-backend';
import { readCsv } from '@kindling/data/node';
import { huberLoss } from '@kindling/losses';
import { linear, sequential } from '@kindling/nn';
import { adam, sgd } from '@kindling/optimizers';
import { compare } from '@kindling/train';
import { plainJs } from './customBackend.js';
import { lossPlugin, pinballLoss } from './customLoss.js';
import { signum } from './customOptimizer.js';

/** Whole packages and single values register alike. The names are part of the type: a wrong one does not compile. */
export const registry = createRegistry(lossPlugin, huberLoss, adam, signum, plainJs);

/** Ranks two losses with three optimizers on `csv` (cars). All share splits, initial weights and budget. */
export async function compareOnCars(csv: string, budget: { maxSteps: number; folds: number }) {
  setDefaultBackend(await cpu());
  const table = await readCsv(csv, { target: 'miles_per_gallon' });
  return compare({
    table,
    losses: [huberLoss, pinballLoss],
    optimizers: [adam, sgd, signum],
    lr: 'search', // each optimizer with the learning rate that suits it, chosen on validation rows
    metric: 'rmse',
    model: (inputs, outputs) => sequential(linear(inputs, 64), relu, linear(64, outputs)),
    seeds: [0], // more repetitions give narrower intervals
    ...budget,
  });
}
