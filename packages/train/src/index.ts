export type { CheckpointStore } from './checkpointStore.js';
export { balancedOptions } from './classWeights.js';
export type { CompareOptions, CompareProgress, Comparison, Ranked, ScheduleMaker, Sensitivity } from './compare.js';
export { compare } from './compare.js';
export type { Epoch } from './epoch.js';
export type { EvaluateOptions } from './evaluate.js';
export { evaluate } from './evaluate.js';
export type {
  CheckpointOptions,
  EarlyStopping,
  FitOptions,
  FitResult,
  LrFunction,
  LrMoment,
  NonFiniteProblem,
  StepInfo,
} from './fit.js';
export { fit } from './fit.js';
export type { Head, LossTraits } from './head.js';
export { fitsTask, headFor, withHead } from './head.js';
export type { Importance, ImportanceOptions } from './permutationImportance.js';
export { type AnyMetric, measures, rankingMetric } from './rankingMetric.js';
export { permutationImportance } from './permutationImportance.js';
export { folderStore } from './folderStore.js';
export type { LoadPipelineOptions } from './loadPipeline.js';
export { loadPipeline } from './loadPipeline.js';
export type { ModelFile } from './modelFile.js';
export type { Pipeline, Prediction } from './pipeline.js';
export type { LossScaler } from './common/trainStep.js';
export type { SavePipelineOptions } from './savePipeline.js';
export { pipelineFiles, savePipeline } from './savePipeline.js';
export { updateBatchNorm } from './updateBatchNorm.js';
