import { compile, setDefaultBackend, type Tensor, tensor } from '@kindling/core';
import { cpu } from '@kindling/cpu-backend';

setDefaultBackend(await cpu());

const scaled = compile((x: Tensor, factor: Tensor) => x.mul(factor));
console.log(await scaled(tensor(2), 3).item(), await scaled(tensor(2), 4).item());

let outside = 3;
const frozen = compile((x: Tensor) => x.mul(outside));
await frozen(tensor([1, 2])).data();
outside = 4;
try {
  frozen(tensor([1, 2]));
} catch (error) {
  console.log((error as Error).message);
}
