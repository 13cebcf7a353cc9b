import type { ConfiguredMetric } from '@kindling/core';
import type { FitOptions } from '../fit.js';

/** Whether more is better of the metric that `monitor` names; undefined where nobody says. */
export function higherIsBetter(options: FitOptions): boolean | undefined {
  const { monitor = 'loss', metrics = {} } = options;
  return options.higherIsBetter ?? (metrics[monitor]?.() as Partial<ConfiguredMetric> | undefined)?.higherIsBetter;
}
