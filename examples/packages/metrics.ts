import { tensor } from '@kindling/core';
import { accuracy, f1 } from '@kindling/metrics';

const [right, macro] = [accuracy(), f1()];
const logits = tensor([
  [2, 1],
  [0, 3],
  [1, 0],
]);
const target = tensor(Int32Array.of(0, 1, 1));
for (const metric of [right, macro]) await metric.update(logits, target); // batch by batch
console.log(await right.compute(), await macro.compute()); // 0.67, 0.67
