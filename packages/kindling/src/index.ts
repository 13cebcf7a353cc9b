/** The standard set in one place: for scripts, notebooks and those who want one install. */
export * from '@kindling/core';
export * from '@kindling/autograd';
export * from '@kindling/losses';
export * from '@kindling/optimizers';
export * from '@kindling/nn';
export * from '@kindling/data';
export * from '@kindling/metrics';
export * from '@kindling/train';
export * from '@kindling/cpu-backend';
export * from '@kindling/webgpu-backend';
// both have these names, as torch.nn and torch.nn.functional do: here they are the layers, and the functions are core's
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
  conv1d,
  conv2d,
  conv3d,
  convTranspose1d,
  convTranspose2d,
  convTranspose3d,
  maxPool1d,
  maxPool2d,
  maxPool3d,
} from '@kindling/nn';
