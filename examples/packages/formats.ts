import { parameter, setDefaultBackend, tensor } from '@kindling/core';
import { cpu } from '@kindling/cpu-backend';
import { readSafetensors, writeSafetensors } from '@kindling/formats/safetensors';

setDefaultBackend(await cpu());
const bytes = await writeSafetensors({ weight: parameter(tensor([[1, 2]])) });
const { weight } = await readSafetensors(bytes); // also a Blob, a Response, a stream
console.log(weight.shape, await weight.toArray());
