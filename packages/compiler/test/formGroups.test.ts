import { grad } from '@kindling/autograd';
import { concat, explain, parameter, setDefaultBackend, type Tensor, tensor } from '@kindling/core';
import { compareBackends, referenceBackend } from '@kindling/testkit';
import { beforeAll, describe, expect, it } from 'vitest';
import { interpretedBackend } from './interpretedBackend.js';

const backend = interpretedBackend();
beforeAll(() => {
  setDefaultBackend(backend);
});
const leaf = (): Tensor => tensor(Float32Array.from({ length: 12 }, (_, i) => Math.sin(i)));

/** x moved on by one place. */
const roll = (x: Tensor): Tensor => concat([x.slice([1, 12]), x.slice([0, 1])]);
/** A step of the heat equation. */
const diffuse = (x: Tensor): Tensor => {
  const before = x.slice([0, 11]).pad([[1, 0]]);
  const after = x.slice([1, 12]).pad([[0, 1]]);
  return x.add(before.add(after).sub(x.mul(2)).mul(0.1));
};

describe.each([
  ['rolled', roll],
  ['diffused', diffuse],
])('what is %s again and again', (_, once) => {
  const times = (x: Tensor, count: number): Tensor => (count === 0 ? x : times(once(x), count - 1));

  it('is computed once at each place, not for each copy of it', async () => {
    const loads = (text: string): number => text.split('= load').length;
    const [few, many] = [loads(await explain(times(leaf(), 4))), loads(await explain(times(leaf(), 8)))];
    expect(many).toBeLessThan(2.5 * few);
  });

  it('has a gradient of which this holds, too', async () => {
    const loads = async (count: number): Promise<number> => {
      const x = parameter(leaf());
      const [gradient] = grad(times(x, count).mul(times(x, count)).sum(), [x]);
      return (await explain(gradient)).split('= load').length;
    };
    expect(await loads(6)).toBeLessThan(2.5 * (await loads(3)));
  });

  it('is what it is step by step', async () => {
    await compareBackends({ leaves: () => [leaf()], build: ([x]) => [times(x, 8)] }, referenceBackend(), backend, { modes: ['together'] }); // prettier-ignore
  });
});

it('views of views of views fit on the stack', async () => {
  const flip = (x: Tensor): Tensor => x.flip([0]);
  const shift = (x: Tensor): Tensor => x.pad([[1, 0]]).slice([0, 12]);
  const times = (x: Tensor, once: (x: Tensor) => Tensor, count: number): Tensor => {
    for (let i = 0; i < count; i++) x = once(x);
    return x;
  };
  expect(await times(leaf(), flip, 4001).data()).toEqual(await flip(leaf()).data());
  expect(await times(leaf(), shift, 100).data()).toEqual(new Float32Array(12));
});

const withGradient = (x: Tensor, y: Tensor): Tensor[] => {
  const loss = y.mul(y).sum();
  return [loss, ...grad(loss, [x])];
};

it('kernels are not merged where their shifted loads would multiply', async () => {
  const neighbours = (x: Tensor): Tensor => {
    const wide = x.pad([[1, 1], [1, 1]]); // prettier-ignore
    const parts = [[[0, -2], [1, -1]], [[2], [1, -1]], [[1, -1], [0, -2]], [[1, -1], [2]]] as const; // prettier-ignore
    return parts.map((ranges) => wide.slice(...ranges)).reduce((a, b) => a.add(b)).mul(0.25); // prettier-ignore
  };
  const build = ([x]: readonly Tensor[]): Tensor[] => {
    let y = x;
    for (let i = 0; i < 7; i++) y = neighbours(y);
    return withGradient(x, y);
  };
  const leaves = (): Tensor[] => [parameter(leaf().reshape(3, 4))];
  await compareBackends({ leaves, build }, referenceBackend(), backend, { modes: ['together'] });
});

it('a view that only an output was is no kernel without results', async () => {
  const build = ([x]: readonly Tensor[]): Tensor[] => {
    let y = x;
    for (let i = 0; i < 128; i++) y = y.reshape(...[[2, 6], [6, 2], [12]][i % 3]).flip(0); // prettier-ignore
    return withGradient(x, y);
  };
  const leaves = (): Tensor[] => [parameter(leaf())];
  await compareBackends({ leaves, build }, referenceBackend(), backend, { modes: ['together'] });
});
