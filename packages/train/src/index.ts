export type { CheckpointStore } from './checkpointStore.js';
export { balancedOptions } from './classWeights.js';
export type { CompareOptions, CompareProgress, Comparison, Ranked, Sensitivity } from './compare.js';
export { compare } from './compare.js';
export type { Epoch } from './epoch.js';
export type { EvaluateOptions } from './evaluate.js';
export { evaluate } from './evaluate.js';
export type {
  CheckpointOptions,
  EarlyStopping,
  FitOptions,
  FitResult,
  NonFiniteProblem,
  Schedule,
  ScheduleState,
  StepInfo,
} from './fit.js';
export { fit } from './fit.js';
export type { Head, LossTraits } from './head.js';
export { fitsTask, headFor, withHead } from './head.js';
export type { Importance, ImportanceOptions } from './permutationImportance.js';
export { permutationImportance } from './permutationImportance.js';
export type { LoadPipelineOptions, ModelFile, Pipeline, Prediction, SavePipelineOptions } from './pipeline.js';
export { loadPipeline, savePipeline } from './pipeline.js';
