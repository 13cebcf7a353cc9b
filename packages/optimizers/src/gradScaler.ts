import {
  assign,
  assignOnlyIf,
  type GradientOptimizer,
  integer,
  KindlingError,
  noGrad,
  number,
  type Optimizer,
  optionsSchema,
  resolveOptions,
  scalar,
  type Given,
  tensor,
  type Tensor,
  type Variable,
  variable,
  where,
  zeros,
} from '@kindling/core';
import { allFinite } from './common/allFinite.js';
import { replaceGradients, withGradient } from './common/withGradient.js';

const schema = /* @__PURE__ */ optionsSchema({
  initScale: /* @__PURE__ */ number({
    default: 65536,
    exclusiveMinimum: 0,
    description: 'what losses are multiplied with at first',
  }),
  growthFactor: /* @__PURE__ */ number({ default: 2, exclusiveMinimum: 1, description: 'what the scale grows by' }),
  backoffFactor: /* @__PURE__ */ number({
    default: 0.5,
    exclusiveMinimum: 0,
    exclusiveMaximum: 1,
    description: 'what the scale falls by',
  }),
  growthInterval: /* @__PURE__ */ integer({
    default: 2000,
    minimum: 1,
    description: 'steps in a row without an overflow after which the scale grows',
  }),
});

export interface GradScaler {
  /** The present scale, 0-d. */
  readonly scaleNow: Tensor;
  /** The loss times the scale: for `backward`. */
  scale(loss: Tensor): Tensor;
  /** Divides the gradients by the scale, once before a step: for clipping. `step` does it where it was not done. */
  unscale(optimizer: Optimizer): void;
  /** Steps, unless a gradient is not finite: then parameters and state stay as they are. */
  step(optimizer: GradientOptimizer): void;
  /** Lowers the scale after an overflow, raises it after `growthInterval` steps without one. Once after the steps. */
  update(): void;
  stateDict(): Record<string, Tensor>;
  loadStateDict(state: Record<string, Tensor>): void;
}

/**
 * Loss scaling for training in half precision: small gradients become 0 there, so the loss is multiplied with a scale
 * before `backward` and the gradients are divided by it afterwards. Where they overflow, the step is left out and the
 * scale falls.
 *
 * `scaler.scale(loss)` for `backward`, then `scaler.step(optimizer)`, then `scaler.update()`; before clipping
 * `scaler.unscale(optimizer)`. All of it stays on the device: nothing is read, and a compiled step can contain it. `fit` takes
 * one as `scaler`. The number of steps that bias corrections go by counts also those that were left out.
 *
 * Defaults: `initScale` 65536, `growthFactor` 2, `backoffFactor` 0.5, `growthInterval` 2000. State: `scale` and
 * `growthTracker`, 0-d.
 *
 * Errors: an `initScale` that is not positive, a `growthFactor` of at most 1, a `backoffFactor` outside of (0, 1); gradients
 * that are unscaled twice before an `update`.
 *
 * Source: PyTorch's `GradScaler`; Micikevicius et al., "Mixed Precision Training".
 */
export function gradScaler(given: Given<typeof schema.fields> = {}): GradScaler {
  const { initScale, growthFactor, backoffFactor, growthInterval } = resolveOptions('gradScaler', schema, given);
  const own = (value: number | boolean, name: string): Variable => Object.assign(variable(tensor(value)), { name });
  const scale = own(initScale, 'the scale of the loss');
  const growthTracker = own(0, 'steps without an overflow');
  /** Whether the gradients of each optimizer are finite: a value of its own, since clipping overwrites gradients. */
  const finite = new Map<Optimizer, Variable>();
  /** Those that were unscaled in this round. */
  const unscaled = new Set<Optimizer>();

  const unscale = (optimizer: Optimizer): void => {
    if (unscaled.has(optimizer))
      throw new KindlingError(
        `gradScaler: the gradients of ${optimizer.optimizerName} were divided by the scale already; call unscale at most ` +
          `once, before the step, and update() after it`,
      );
    const members = withGradient(optimizer.groups.flatMap((g) => g.params));
    if (members.length === 0) return;
    unscaled.add(optimizer);
    noGrad(() => {
      const inverse = scale.pow(-1);
      replaceGradients(members, (gradient) => gradient.mul(inverse.to(gradient.dtype)));
      let flag = finite.get(optimizer);
      if (flag === undefined) finite.set(optimizer, (flag = own(true, 'whether the gradients are finite')));
      assign(flag, allFinite(members.map((p) => p.grad)));
    });
  };
  return {
    scaleNow: scale,
    scale: (loss) => loss.mul(scale.to(loss.dtype)),
    unscale,
    step: (optimizer) => {
      if (!unscaled.has(optimizer)) unscale(optimizer);
      if (unscaled.has(optimizer))
        assignOnlyIf(finite.get(optimizer)!, () => {
          optimizer.step();
        });
    },
    update: () => {
      noGrad(() => {
        const all = [...unscaled].map((optimizer): Tensor => finite.get(optimizer)!);
        unscaled.clear();
        if (all.length === 0) return;
        const ok = all.reduce((a, b) => a.and(b));
        const tracked = where(ok, growthTracker.add(1), 0);
        const grows = tracked.ge(scalar(growthInterval));
        const greater = scale.mul(scalar(growthFactor));
        // from infinity there would be no way back
        const raised = where(grows.and(greater.lt(Infinity)), greater, scale);
        assign(scale, where(ok, raised, scale.mul(scalar(backoffFactor))));
        assign(growthTracker, where(grows, zeros([]), tracked));
      });
    },
    stateDict: () => ({ scale, growthTracker }),
    loadStateDict: (state) => {
      for (const [name, v] of Object.entries({ scale, growthTracker })) {
        const value = state[name];
        if (value !== undefined) assign(v, value.to(v.dtype).reshape([]));
      }
    },
  };
}
