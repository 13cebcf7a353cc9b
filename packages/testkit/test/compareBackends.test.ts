import { type Backend, type Graph, isMemory, setDefaultBackend, softmax, type Tensor, tensor } from '@kindling/core';
import { afterEach, describe, expect, it } from 'vitest';
import { boundsBackend, compareBackends, evaluateOn, gradcheck, onDefault, referenceBackend } from '../src/index.js';

afterEach(() => {
  setDefaultBackend(undefined);
});
const reference = referenceBackend();

/** How far from the reference's values those of a correct backend may be. */
async function bounds(leaves: readonly number[][], build: (leaves: readonly Tensor[]) => Tensor): Promise<number[]> {
  const computation = { leaves: () => leaves.map((x) => tensor(x)), build: (ts: readonly Tensor[]) => [build(ts)] };
  return Array.from((await evaluateOn(boundsBackend(), computation, 'apart'))[0].values);
}
/** The reference backend with its host results changed. */
function off(change: (x: number) => number): Backend {
  const backend = referenceBackend();
  const prepare = backend.prepare.bind(backend);
  return Object.assign(backend, {
    name: 'off',
    prepare: (graph: Graph) => {
      const executable = prepare(graph);
      return {
        run: (...args: Parameters<typeof executable.run>) =>
          executable.run(...args).map((r) => (r === undefined || isMemory(r) ? r : r.map(change))),
      };
    },
  });
}
const ulp = 2 ** -23;

describe('bounds', () => {
  it('are 0 for what is exact', async () => {
    expect(await bounds([[1, -2]], ([x]) => x.neg().abs().floor().flip(0))).toEqual([0, 0]);
    expect(await bounds([[1, 2]], ([x]) => x.lt(1.5).to('int32').sum())).toEqual([0]);
    expect(await bounds([[1, 5, 2]], ([x]) => x.argmax())).toEqual([0]);
  });
  it('are units in the last place for one operation', async () => {
    expect(await bounds([[1, 3]], ([x]) => x.add(1))).toEqual([2 * ulp, 4 * ulp]);
    expect((await bounds([[1]], ([x]) => x.exp()))[0]).toBeCloseTo(4 * Math.E * ulp, 8);
  });
  it('grow where digits cancel, and as far as the operations after it make them', async () => {
    const [e] = await bounds([[1], [1e-3]], ([x, y]) => x.add(y).sub(x));
    expect(e / 1e-3).toBeGreaterThan(1e-4);
    const [f] = await bounds([[1], [1e-3]], ([x, y]) => x.add(y).sub(x).mul(1000));
    expect(f / e).toBeCloseTo(1000, -1);
  });
  it('have no end next to a jump', async () => {
    expect(await bounds([[0.5, 0.25]], ([x]) => x.mul(2).floor())).toEqual([1, 0]);
    expect(await bounds([[0.5, 0.25]], ([x]) => x.mul(2).lt(1))).toEqual([1, 0]);
    expect(await bounds([[1, 1, 0]], ([x]) => x.mul(3).argmax())).toEqual([Infinity]);
    expect(await bounds([[0]], ([x]) => x.add(1).sub(1).div(x.exp().sub(1)))).toEqual([Infinity]);
  });
  it('are carried by variables and into later programs', async () => {
    const x = onDefault(boundsBackend(), () => {
      const y = tensor([1]).exp();
      y.dataSync();
      const z = y.mul(1000);
      z.dataSync();
      return z;
    });
    expect((await x.data())[0]).toBeGreaterThan(1000 * 4 * ulp);
  });
});

describe('compareBackends', () => {
  const leaves = (): Tensor[] => [tensor([[1, 2, 3], [0.5, -1, 0.25]])]; // prettier-ignore
  const computation = { leaves, build: ([x]: readonly Tensor[]) => [softmax(x, 1), x.sum(0), x.argmax(1)] };
  it('counts what it has compared', async () => {
    expect(await compareBackends(computation, reference, referenceBackend())).toEqual({ compared: 22, skipped: 0 });
    const jump = { leaves, build: ([x]: readonly Tensor[]) => [x.exp().log().floor()] };
    expect(
      await compareBackends(
        jump,
        reference,
        off((y) => y),
      ),
    ).toEqual({ compared: 12, skipped: 0 });
  });
  it('forgives an ulp, and no more', async () => {
    await compareBackends(computation, reference, off((x) => Math.fround(x * (1 + ulp)))); // prettier-ignore
    await expect(compareBackends(computation, reference, off((x) => x * (1 + 1e-5)))).rejects.toThrow(
      /^result 0 \(float32 \[2, 3\]\): backend 'off' differs in 6 of 6 elements: at 0 0\.09003\d*, not 0\.09003\d* ± /,
    ); // prettier-ignore
    await expect(
      compareBackends(computation, reference, off((x) => x + (x === 2 ? 1 : 0)), { modes: ['apart'] }), // prettier-ignore
    ).rejects.toThrow('result 2 (int32 [2]): ');
    const exact = { tolerance: { basic: 0, functions: 0, sums: 0 } };
    await expect(
      compareBackends(computation, reference, off((x) => x * (1 + ulp)), exact), // prettier-ignore
    ).rejects.toThrow('differs');
  });
  it('leaves the default backend as it was', async () => {
    setDefaultBackend(reference);
    await compareBackends(computation, reference, referenceBackend());
    expect(await tensor([1]).add(1).item()).toBe(2);
  });
});

it('gradcheck is that of autograd', async () => {
  setDefaultBackend(reference);
  const x = tensor([0.3, -0.7], { dtype: 'float64' });
  await gradcheck((t) => t.sin().mul(t), [x]);
  await expect(gradcheck((t) => t.detach().mul(t), [x])).rejects.toThrow('gradcheck: the gradient of input 0');
});
