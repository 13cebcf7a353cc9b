// What optimizers with the model-wide scope are made of. An entry of its own, so that the core stays small.
export type {
  Evaluate,
  MemberOf,
  ModelOptimizerDefinition,
  ModelUpdate,
  ModelUpdated,
} from './optimizer/defineModelOptimizer.js';
export { defineModelOptimizer } from './optimizer/defineModelOptimizer.js';
export type { HostOptimizerDefinition } from './optimizer/defineHostOptimizer.js';
export { defineHostOptimizer } from './optimizer/defineHostOptimizer.js';
export type { ModelState } from './optimizer/hostDrivenOptimizer.js';
export type {
  NamedOptimizerWrapper,
  OptimizerWrapper,
  OptimizerWrapperDefinition,
} from './optimizer/defineOptimizerWrapper.js';
export { defineOptimizerWrapper } from './optimizer/defineOptimizerWrapper.js';
