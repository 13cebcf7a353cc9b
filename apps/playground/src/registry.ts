import { createRegistry } from '@kindling/core';
import losses from '@kindling/losses';
import metrics from '@kindling/metrics';
import optimizers from '@kindling/optimizers';

/** What can be picked: another plugin needs one more word here. */
export const registry = createRegistry(losses, optimizers, metrics);
