import { backward } from '@kindling/autograd';
import { parameter, tensor } from '@kindling/core';
import { referenceBackend, useBackend } from '@kindling/testkit';
import { beforeAll, expect, test } from 'vitest';
import { adEMAMix } from '../src/index.js';

beforeAll(useBackend(referenceBackend));

test("AdEMAMix follows the example of Optax's documentation", async () => {
  const p = parameter(tensor([1, 2, 3]));
  const optimizer = adEMAMix([p], { lr: 0.01 });
  const losses: number[] = [];
  for (let t = 0; t <= 5; t++) {
    optimizer.zeroGrad();
    const loss = p.mul(p).sum();
    losses.push(await loss.item());
    backward(loss);
    optimizer.step();
  }
  expect(losses.map((x) => Number(x.toPrecision(3)))).toEqual([14, 13.9, 13.8, 13.6, 13.5, 13.4]);
});
