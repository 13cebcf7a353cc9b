import { readFileSync } from 'node:fs';
import { type Backend, type Parameter, parameter, tensor, zeros } from '@kindling/core';
import { useBackend } from '@kindling/testkit';
import { beforeAll, describe, expect, test } from 'vitest';
import { clipGradNorm, clipGradValue } from '../src/index.js';

type Named<T> = Readonly<Record<'w' | 'b', T>>;
interface GoldenClipping {
  readonly normType?: number | 'Infinity';
  readonly maxNorm?: number;
  readonly norm?: number;
  readonly clipValue?: number;
  readonly clipped: Named<readonly number[]>;
}
const read = (name: string): unknown =>
  JSON.parse(readFileSync(new URL(`./goldens/${name}.golden.json`, import.meta.url), 'utf8'));
const { noise } = read('problem') as { noise: Named<{ shape: number[]; data: number[] }> };
const goldens = read('clipping') as GoldenClipping[];
const both = ['w', 'b'] as const;

export function clippingSuite(backendName: string, open: () => Promise<Backend>): void {
  describe(`gradient clipping on ${backendName}`, () => {
    beforeAll(useBackend(open));
    const parameters = (): Named<Parameter> => {
      const [w, b] = both.map((name) => {
        const shape = noise[name].shape.slice(1);
        const p = parameter(zeros(shape));
        p.grad = tensor(noise[name].data.slice(0, p.size), { shape });
        return p;
      });
      return { w: w, b: b };
    };

    test.each(goldens)("equals PyTorch's: norm $normType up to $maxNorm, value $clipValue", async (golden) => {
      const ps = parameters();
      if (golden.clipValue !== undefined) clipGradValue([ps.w, ps.b], golden.clipValue);
      else {
        const norm = clipGradNorm([ps.w, ps.b, ps.w], golden.maxNorm!, { normType: Number(golden.normType) });
        expect(Math.abs((await norm.item()) - golden.norm!)).toBeLessThanOrEqual(1e-5 * golden.norm!);
      }
      for (const name of both) {
        const actual = await ps[name].grad!.data();
        const wanted = golden.clipped[name];
        const greatest = Math.max(...wanted.map(Math.abs));
        wanted.forEach((w, i) =>
          expect(Math.abs(actual[i] - w)).toBeLessThanOrEqual(1e-5 * Math.abs(w) + 1e-6 * greatest),
        );
      }
    });

    test('parameters without a gradient are left out', async () => {
      const p = parameter(zeros([2]));
      expect(await clipGradNorm([p], 1).item()).toBe(0);
      clipGradValue([p], 1);
      expect(p.grad).toBeUndefined();
    });

    test('limits that make no sense are errors', () => {
      expect(() => clipGradNorm([], -1)).toThrow(/maxNorm/);
      expect(() => clipGradNorm([], 1, { normType: 0 })).toThrow(/normType/);
      expect(() => clipGradValue([], NaN)).toThrow(/clipValue/);
    });
  });
}
