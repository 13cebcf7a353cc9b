// What the types say. This file is only compiled: each line marked with @ts-expect-error must be an error there.
import type { Tensor } from '@kindling/core';
import { compile, zerosLike } from '@kindling/core';
import { crossEntropyLoss } from '@kindling/losses';
import { adam } from '@kindling/optimizers';
import { mae, ninetiethPercentile, pinballLoss } from './customLoss.js';
import { registry } from './registryAndCompare.js';

export function types(tensor: Tensor): void {
  registry.loss('pinballLoss');
  registry.loss('huberLoss');
  registry.optimizer('signum');
  registry.backend('plain-js');
  // @ts-expect-error a name nobody registered
  registry.loss('pinball');
  // @ts-expect-error an optimizer is not a loss
  registry.loss('adam');
  // @ts-expect-error an option that does not exist
  pinballLoss({ quantil: 0.9 });
  // @ts-expect-error an option of another type
  crossEntropyLoss({ labelSmoothing: '0.1' });
  // @ts-expect-error a reduction that does not exist
  crossEntropyLoss({ reduction: 'average' });
  // @ts-expect-error an option that this optimizer does not have
  adam([], { momentum: 0.9 });
  // @ts-expect-error a loss needs its target
  ninetiethPercentile(zerosLike(tensor));
  // @ts-expect-error no operator works on tensors; reading is explicit
  if (mae(tensor, tensor) < 0.1) return;
  // @ts-expect-error the body of a compiled function is synchronous
  compile(async (x: Tensor) => x.mul(2));
  // a plain function is a loss as good as any
  const loss: (input: Tensor, target: Tensor) => Tensor = mae;
  loss(tensor, tensor);
}
