export { explainPlan } from './explain.js';
export { Profiler } from './profiler.js';
