import { defineSchedule, integer, KindlingError, number, type Schedule } from '@kindling/core';

/** Its `step` may be told where in the training it is, also between two epochs. */
export interface WarmRestartsSchedule extends Schedule {
  step(epoch?: number): void;
}

const options = {
  t0: integer({ default: 1, minimum: 1, description: 'how many steps the first fall takes' }),
  tMult: integer({ default: 1, minimum: 1, description: 'by what each fall is longer than the one before' }),
  etaMin: number({ default: 0, minimum: 0, description: 'the least learning rate' }),
};

/**
 * Lets the learning rate fall to `etaMin` along half a cosine in `t0` steps and start again, each time `tMult` times as long.
 *
 * `cosineAnnealingWarmRestarts(optimizer, { t0: 10, tMult: 2 })`, then `schedule.step()` after each epoch, or
 * `schedule.step(epoch + batch / batches)` after each batch: lr = etaMin + (lr_0 − etaMin) · (1 + cos(π·t / T)) / 2, with t
 * the steps since the last start and T the length of this fall.
 *
 * Defaults: `tMult` 1, `etaMin` 0; `t0` must be given. Errors: a `t0` or `tMult` below 1, a negative `etaMin` or epoch.
 *
 * Source: PyTorch's `CosineAnnealingWarmRestarts`; Loshchilov and Hutter, "SGDR: Stochastic Gradient Descent with Warm
 * Restarts".
 */
export const cosineAnnealingWarmRestarts = /* @__PURE__ */ defineSchedule<
  'cosineAnnealingWarmRestarts',
  typeof options,
  't0',
  WarmRestartsSchedule
>({
  name: 'cosineAnnealingWarmRestarts',
  options,
  required: ['t0'],
  create(groups, { t0, tMult, etaMin }, baseLrs) {
    let [since, length] = [0, t0];
    const set = (): void =>
      groups.forEach((group, i) => {
        group.lr = etaMin + ((baseLrs()[i] - etaMin) * (1 + Math.cos((Math.PI * since) / length))) / 2;
      });
    /** To a place in the training. */
    const goTo = (epoch: number): void => {
      if (!(epoch >= 0))
        throw new KindlingError(`cosineAnnealingWarmRestarts: the epoch must be at least 0, got ${epoch}`);
      length = t0;
      since = tMult === 1 ? epoch % t0 : epoch;
      // the falls before this one
      if (tMult > 1) for (; since >= length; length *= tMult) since -= length;
      set();
    };
    return {
      start: () => goTo(0),
      step(_, epoch) {
        if (epoch !== undefined) {
          goTo(epoch);
          return Math.floor(epoch);
        }
        since += 1;
        if (since >= length) [since, length] = [since - length, length * tMult];
        return set();
      },
      save: () => ({ since, length }),
      load: (own) => ([since, length] = [own['since'] ?? 0, own['length'] ?? t0]),
    };
  },
});
