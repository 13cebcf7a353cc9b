export type { DType, TypedArray } from './dtype.js';
export { deviceBytes, hostArray, isFloat } from './dtype.js';
export { KindlingError, nearest, suggestion } from './errors.js';
export type { Shape } from './shape.js';
export { broadcastShapes, dimension, dimensions, sameShape, showShape, sizeOf } from './shape.js';
export type {
  Attributes,
  CustomGradient,
  ElementwiseOp,
  HostScalar,
  LeafOp,
  MovementOp,
  Op,
  ReduceOp,
  RoutineOp,
} from './node.js';
export { enableGrad, Node, node, noGrad } from './node.js';
export type { Dim, NestedArray, Operand, Range, ReduceOptions, TensorOptions } from './tensor.js';
export { keep, Tensor, tensor } from './tensor.js';
export type { ActivationFunction, FillOptions, VarianceOptions } from './functions.js';
export {
  activationFunction,
  arange,
  clamp,
  concat,
  expm1,
  full,
  fullLike,
  log1p,
  logSigmoid,
  logSoftmax,
  logSumExp,
  maximum,
  minimum,
  oneHot,
  ones,
  onesLike,
  relu,
  scalar,
  scan,
  sigmoid,
  softmax,
  softplus,
  stack,
  std,
  variance,
  where,
  zeros,
  zerosLike,
} from './functions.js';
export type { AttentionOptions } from './attention.js';
export { scaledDotProductAttention } from './attention.js';
export type { ConvolutionOptions, ConvolutionTransposeOptions } from './convolution/convolution.js';
export {
  conv1d,
  conv2d,
  conv3d,
  convTranspose1d,
  convTranspose2d,
  convTranspose3d,
} from './convolution/convolution.js';
export type { AvgPoolOptions, MaxPoolOptions } from './convolution/pooling.js';
export {
  adaptiveAvgPool1d,
  adaptiveAvgPool2d,
  adaptiveAvgPool3d,
  adaptiveMaxPool1d,
  adaptiveMaxPool2d,
  adaptiveMaxPool3d,
  avgPool1d,
  avgPool2d,
  avgPool3d,
  maxPool1d,
  maxPool2d,
  maxPool3d,
} from './convolution/pooling.js';
export { unfold } from './convolution/unfold.js';
export { customGradient } from './customGradient.js';
export { hostState, moveVariables } from './moveVariables.js';
export type { GradientHook } from './variable.js';
export { assign, assignOnlyIf, Parameter, parameter, Variable, variable } from './variable.js';
export type { RandomOptions } from './random.js';
export {
  bernoulli,
  manualSeed,
  rand,
  randint,
  randn,
  randomBits,
  randomState,
  setRandomState,
  uniform,
} from './random.js';
export type { CompileOptions } from './compile.js';
export { compile, explain, hostScalars } from './compile.js';
export { commit, guarded, programStatistics, registerBackward, settleBackward, undoIfItFails } from './evaluate.js';
export type { Backend, Executable, Graph, GraphNode, GraphOutput, KernelProfile, Memory } from './backend.js';
export type { Profile } from './profile.js';
export { profile } from './profile.js';
export { getDefaultBackend, isMemory, namesApart, setDefaultBackend } from './backend.js';
export type { Field, Fields, Given, NumberRange, OptionsSchema, Resolved } from './options.js';
export {
  boolean,
  choice,
  code,
  integer,
  number,
  optionsSchema,
  resolveOptions,
  tensorOption,
  tuple,
} from './options.js';
export type { ConfiguredLoss, Loss, LossDefinition, LossFactory, Output, Reduce, Reduction, Task } from './loss.js';
export { asIndices, defineLoss, neededInputs } from './loss.js';
export type {
  ConfiguredMetric,
  Metric,
  MetricBatch,
  MetricDefinition,
  MetricFactory,
  Numbers,
  Values,
} from './metric.js';
export { defineMetric } from './metric.js';
export type {
  Closure,
  ClosureOptimizer,
  GradientOptimizer,
  Group,
  HostOptimizer,
  Optimizer,
  OptimizerFactory,
  Params,
} from './optimizer/optimizer.js';
export type { OptimizerDefinition } from './optimizer/defineOptimizer.js';
export { defineOptimizer } from './optimizer/defineOptimizer.js';
export { compileStep } from './optimizer/compileStep.js';
export type {
  AnySchedule,
  Moment,
  Schedule,
  ScheduleBody,
  ScheduleConfig,
  ScheduleDefinition,
  ScheduleFactory,
  ScheduleInterval,
  ScheduleRule,
  ScheduleState,
} from './schedule.js';
export { defineSchedule, makeSchedule, scheduleList } from './schedule.js';
export type { BackendFactory, OpenRegistry, Plugin, PluginKind, Provision, Registered, Registry } from './plugin.js';
export { contractVersion, createRegistry, defineBackend, definePlugin, pluginKinds } from './plugin.js';
export type { Model } from './model.js';
