import { gradcheck } from '@kindling/autograd';
import { setDefaultBackend, tensor } from '@kindling/core';
import { huberLoss } from '@kindling/losses'; // yours
import { referenceBackend } from '@kindling/testkit';

setDefaultBackend(referenceBackend());
const input = tensor(Float64Array.of(-2.1, -0.2, 0.6, 1.7));
const target = tensor(Float64Array.of(0.1, 0.2, -0.1, 0.3));
for (const delta of [0.5, 1]) await gradcheck((x, t) => huberLoss({ delta, reduction: 'none' })(x, t), [input, target]);
console.log('the gradients are right');
