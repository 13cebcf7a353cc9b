import { type Group, KindlingError } from '@kindling/core';

/** Sets the momentum of a group, or the first of its betas. */
export function setMomentum(schedule: string, group: Group, momentum: number): void {
  const { betas } = group as { betas?: readonly number[] };
  if (betas !== undefined) group['betas'] = [momentum, ...betas.slice(1)];
  else if (typeof group['momentum'] === 'number') group['momentum'] = momentum;
  else throw new KindlingError(`${schedule}: the optimizer has no momentum to cycle; give cycleMomentum: false`);
}
