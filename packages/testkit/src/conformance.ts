import type { Backend } from '@kindling/core';
import type { Tolerance } from './bounds/tolerance.js';
import { compareBackends } from './compareBackends.js';
import { broadcastingCases } from './conformance/broadcasting.js';
import { type Case, Context, type Supports } from './conformance/context.js';
import { contractionCases } from './conformance/contractions.js';
import { elementwiseCases } from './conformance/elementwise.js';
import { gradientCases } from './conformance/gradients.js';
import { indexingCases } from './conformance/indexing.js';
import { limitCases } from './conformance/limits.js';
import { memoryCases } from './conformance/memory.js';
import { movementCases } from './conformance/movements.js';
import { randomCases } from './conformance/randomNumbers.js';
import { reductionCases } from './conformance/reductions.js';
import { updateCases } from './conformance/updates.js';
import { randomGraph } from './randomGraph.js';
import { referenceBackend } from './referenceBackend.js';

export type { Case, Supports };

export interface ConformanceOptions {
  /** What the backend has; what it lacks is left out. */
  readonly supports?: Supports;
  /** How exact single operations are; default: within 1 unit in the last place, and 4 for exp, log and their like. */
  readonly tolerance?: Tolerance;
  /** How many random expressions are evaluated, and a quarter as many differentiated. Default 100. */
  readonly expressions?: number;
}

/**
 * What a backend has to do right, as cases for any test runner:
 *
 *     for (const { name, run } of conformance('mine', () => mine())) it(name, run);
 *
 * The backend is opened by the first case that runs, and is for the caller to close.
 */
export function conformance(
  name: string,
  openBackend: () => Promise<Backend>,
  { supports = {}, tolerance = {}, expressions = 100 }: ConformanceOptions = {},
): Case[] {
  const context = new Context(openBackend, tolerance, supports);
  const cases = [
    ...elementwiseCases(context),
    ...broadcastingCases(context),
    ...movementCases(context),
    ...reductionCases(context),
    ...contractionCases(context),
    ...indexingCases(context),
    ...randomCases(context),
    ...updateCases(context),
    ...memoryCases(context),
    ...limitCases(context),
    ...gradientCases(context, Math.ceil(expressions / 4)),
    ...Array.from({ length: expressions }, (_, seed) => expression(context, seed, tolerance)),
  ];
  return cases.map((c) => ({ name: `${name}: ${c.name}`, run: c.run }));
}

function expression(context: Context, seed: number, tolerance: Tolerance): Case {
  return {
    name: `random expression ${seed}`,
    run: async () => {
      const graph = randomGraph(seed, { dtypes: context.dtypes });
      try {
        const backend = await context.backend();
        await compareBackends(graph, referenceBackend(), backend, { tolerance });
      } catch (error) {
        throw new Error(`${(error as Error).message}\n${graph.description}`, { cause: error });
      }
    },
  };
}
