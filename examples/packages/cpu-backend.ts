import { explain, setDefaultBackend, tensor } from '@kindling/core';
import { cpu } from '@kindling/cpu-backend';

setDefaultBackend(await cpu());
const y = tensor([1, 2, 3]).mul(2).add(1).exp().sum();
console.log(await explain(y)); // one kernel, and its code
console.log(y.itemSync()); // the CPU can also read at once
