export { Activation, activation, activationName, activationNames } from './activation.js';
export type { ActivationName, ActivationOptions } from './activation.js';
export { elu, gelu, leakyRelu, logSigmoid, relu, selu, sigmoid, silu, softplus, tanh } from './activations.js';
export type { AdaptiveLogSoftmaxOptions } from './adaptiveLogSoftmaxWithLoss.js';
export { AdaptiveLogSoftmaxWithLoss, adaptiveLogSoftmaxWithLoss } from './adaptiveLogSoftmaxWithLoss.js';
export type { BatchNormOptions } from './batchNorm.js';
export { batchNorm1d, batchNorm2d, batchNorm3d } from './batchNorm.js';
export { build, describe } from './build.js';
export type { ChannelNormOptions } from './common/channelNorm.js';
export { ChannelNorm } from './common/channelNorm.js';
export type { PaddingMode } from './common/padAround.js';
export type { ConvolutionLayerOptions } from './convolution.js';
export { conv1d, conv2d, conv3d, Convolution } from './convolution.js';
export type { ConvolutionTransposeLayerOptions } from './convolutionTranspose.js';
export { ConvolutionTranspose, convTranspose1d, convTranspose2d, convTranspose3d } from './convolutionTranspose.js';
export { Dropout, dropout } from './dropout.js';
export { Embedding, embedding } from './embedding.js';
export { Flatten, flatten } from './flatten.js';
export type { GroupNormOptions } from './groupNorm.js';
export { GroupNorm, groupNorm } from './groupNorm.js';
export type { FanMode, KaimingOptions, Nonlinearity } from './initialisers.js';
export * as init from './initialisers.js';
export type { InstanceNormOptions } from './instanceNorm.js';
export { instanceNorm1d, instanceNorm2d, instanceNorm3d } from './instanceNorm.js';
export type { LayerNormOptions } from './layerNorm.js';
export { LayerNorm, layerNorm } from './layerNorm.js';
export type { LinearOptions } from './linear.js';
export { Linear, linear } from './linear.js';
export type { MlpOptions } from './mlp.js';
export { mlp } from './mlp.js';
export type { Description, LoadOptions } from './module.js';
export { Module } from './module.js';
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
  Pooling,
} from './pooling.js';
export type { AttendOptions, MultiheadAttentionOptions } from './multiheadAttention.js';
export { MultiheadAttention, multiheadAttention } from './multiheadAttention.js';
export type { RmsNormOptions } from './rmsNorm.js';
export { RmsNorm, rmsNorm } from './rmsNorm.js';
export type { Layer } from './sequential.js';
export { Sequential, sequential } from './sequential.js';
export { TransformerEncoder, transformerEncoder } from './transformerEncoder.js';
export type { EncodeOptions, TransformerEncoderLayerOptions } from './transformerEncoderLayer.js';
export { TransformerEncoderLayer, transformerEncoderLayer } from './transformerEncoderLayer.js';
export { Unflatten, unflatten } from './unflatten.js';
