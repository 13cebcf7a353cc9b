import { defineSchedule, integer, number } from '@kindling/core';

/**
 * Lets the learning rate fall from its start to `etaMin` along half a cosine, in `tMax` steps of the schedule, and rise
 * again after them.
 *
 * `cosineAnnealingLR(optimizer, { tMax: epochs })`, then `schedule.step()` after each epoch:
 * lr_t = etaMin + (lr_0 − etaMin) · (1 + cos(π·t / tMax)) / 2.
 *
 * Defaults: `etaMin` 0; `tMax` must be given. Errors: a `tMax` below 1, a negative `etaMin`.
 *
 * Source: PyTorch's `CosineAnnealingLR`, in the form that changes the present learning rate, so that it may be chained;
 * Loshchilov and Hutter, "SGDR: Stochastic Gradient Descent with Warm Restarts".
 */
export const cosineAnnealingLR = /* @__PURE__ */ defineSchedule({
  name: 'cosineAnnealingLR',
  options: {
    tMax: integer({ default: 1, minimum: 1, description: 'how many steps it falls' }),
    etaMin: number({ default: 0, minimum: 0, description: 'the least learning rate' }),
  },
  required: ['tMax'],
  next: ({ lr, baseLr, epoch, options: { tMax, etaMin } }) => {
    // from the lowest point there is no factor that leads up again
    if ((epoch - 1 - tMax) % (2 * tMax) === 0) return lr + ((baseLr - etaMin) * (1 - Math.cos(Math.PI / tMax))) / 2;
    const height = (t: number): number => 1 + Math.cos((Math.PI * t) / tMax);
    return (height(epoch) / height(epoch - 1)) * (lr - etaMin) + etaMin;
  },
});
