import { relu, setDefaultBackend } from '@kindling/core';
import { cpu } from '@kindling/cpu-backend';
import { fromArrays } from '@kindling/data';
import { mseLoss } from '@kindling/losses';
import { rmse } from '@kindling/metrics';
import { linear, sequential } from '@kindling/nn';
import { adam } from '@kindling/optimizers';
import { evaluate, fit } from '@kindling/train';

setDefaultBackend(await cpu());
const x = Float32Array.from({ length: 200 }, (_, i) => i / 100 - 1);
const data = fromArrays(x, x.map(Math.abs), { shape: [-1, 1] });
const model = sequential(linear(1, 16), relu, linear(16, 1));
const optimizer = adam(model.parameters(), { lr: 0.01 });
const { stopped } = await fit(model, data, { loss: mseLoss(), optimizer, epochs: 50, batchSize: 20 });
console.log(stopped, await evaluate(model, data, { metrics: { rmse } }));
