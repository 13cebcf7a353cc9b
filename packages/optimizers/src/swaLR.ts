import { choice, defineSchedule, integer } from '@kindling/core';
import { anneal } from './common/anneal.js';
import { ofGroup, perGroup } from './common/perGroup.js';

/**
 * Takes the learning rate from where it is to `swaLr` in `annealEpochs` steps, and keeps it there: for the last part of a
 * training, whose weights are averaged.
 *
 * `swaLR(optimizer, { swaLr: 0.05 })`, then `schedule.step()` after each epoch in place of the schedule before.
 *
 * Defaults: `annealEpochs` 10, `annealStrategy` 'cos'. `swaLr` must be given, for all groups or as an array. With
 * `annealEpochs` 0 it is there at once. Errors: a negative `annealEpochs`, an array of another length than the groups.
 *
 * Source: PyTorch's `SWALR`; Izmailov et al., "Averaging Weights Leads to Wider Optima and Better Generalization".
 */
export const swaLR = /* @__PURE__ */ defineSchedule({
  name: 'swaLR',
  options: {
    swaLr: perGroup({ default: 0, minimum: 0, description: 'the learning rate at which weights are averaged' }),
    annealEpochs: integer({ default: 10, minimum: 0, description: 'how many steps lead there' }),
    annealStrategy: choice(['cos', 'linear'], { default: 'cos', description: 'along half a cosine, or a line' }),
  },
  required: ['swaLr'],
  start: ({ lr, index, options: { swaLr, annealEpochs } }) => (annealEpochs === 0 ? ofGroup(swaLr, index) : lr),
  next: ({ lr, epoch, index, options: { swaLr, annealEpochs, annealStrategy } }) => {
    const end = ofGroup(swaLr, index);
    const share = (t: number): number => anneal(annealStrategy, 0, 1, Math.min(1, t / Math.max(1, annealEpochs)));
    // where it came from follows from where it is, so that the schedule needs no memory
    const before = share(epoch - 1);
    if (before === 1) return end;
    const from = (lr - before * end) / (1 - before);
    const now = share(epoch);
    return end * now + from * (1 - now);
  },
});
