import { setDefaultBackend } from '@kindling/core';
import { cpu } from '@kindling/cpu-backend';
import { fromTorchState, readSafetensors, toTorchState, writeSafetensors } from '@kindling/formats';
import { batchNorm1d, linear, sequential } from '@kindling/nn';
import { adam } from '@kindling/optimizers';

setDefaultBackend(await cpu());
const model = sequential(linear(4, 8), batchNorm1d(8), linear(8, 3));
const optimizer = adam(model.parameters(), { lr: 0.01 });

// to PyTorch, which reads it with safetensors.torch.load_file
const bytes = await writeSafetensors(toTorchState(model.stateDict()));

// from PyTorch, which wrote it with safetensors.torch.save_file(model.state_dict(), path)
const state = await readSafetensors(bytes);
model.loadStateDict(fromTorchState(state));
optimizer.loadStateDict(fromTorchState(toTorchState(optimizer.stateDict()))); // the same names for optimizers

console.log(Object.keys(state).join(', '));
