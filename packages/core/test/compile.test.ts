import { referenceBackend, useBackend } from '@kindling/testkit';
import { beforeAll, describe, expect, it } from 'vitest';
import {
  assign,
  commit,
  compile,
  guarded,
  hostScalars,
  keep,
  manualSeed,
  noGrad,
  parameter,
  programStatistics,
  randn,
  type Tensor,
  tensor,
  variable,
} from '../src/index.js';

beforeAll(useBackend(referenceBackend));

/** A body that counts how often it is traced. */
function counting<A extends unknown[], R>(body: (...args: A) => R): { body: (...args: A) => R; traces: () => number } {
  let traces = 0;
  return {
    body: (...args) => {
      traces += 1;
      return body(...args);
    },
    traces: () => traces,
  };
}
const quiet = { check: false };

describe('tracing', () => {
  it('happens once for each structure of the arguments', async () => {
    const { body, traces } = counting((x: Tensor) => x.mul(2).sum());
    const f = compile(body, quiet);
    for (const x of [1, 2, 3]) expect(await f(tensor([x, 1])).item()).toBe(2 * x + 2);
    expect(traces()).toBe(1);
    expect(await f(tensor([1, 2, 3])).item()).toBe(12);
    expect(traces()).toBe(2);
    f(tensor(Float64Array.of(1, 2)));
    expect(traces()).toBe(3);
    f(tensor([7, 8]));
    expect(traces()).toBe(3);
  });
  it('takes arrays, objects, strings and booleans; the latter are part of the key', async () => {
    const { body, traces } = counting((o: { x: Tensor; parts: Tensor[]; mode: string; on: boolean }) => {
      const sum = o.parts.reduce((a, b) => a.add(b), o.x);
      return { value: o.on ? sum.neg() : sum, mode: o.mode };
    });
    const f = compile(body, quiet);
    const given = { x: tensor([1]), parts: [tensor([2]), tensor([3])], mode: 'a', on: false };
    const first = f(given);
    expect([await first.value.item(), first.mode]).toEqual([6, 'a']);
    expect(await f({ ...given, on: true }).value.item()).toBe(-6);
    expect(f({ ...given, mode: 'b' }).mode).toBe('b');
    expect(traces()).toBe(3);
    f(given);
    expect(traces()).toBe(3);
    expect(() => f((() => 1) as never)).toThrow('compile: an argument is Function; pass tensors, numbers, strings');
  });
  it('tells the same tensor twice from two', async () => {
    const f = compile((a: Tensor, b: Tensor) => a.mul(10).add(b), quiet);
    const x = tensor([1]);
    expect(await f(x, x).item()).toBe(11);
    expect(await f(tensor([1]), tensor([2])).item()).toBe(12);
  });
  it('evaluates arguments that are not', async () => {
    const f = compile((x: Tensor) => x.add(1));
    expect(await f(tensor([1]).mul(5)).item()).toBe(6);
    expect(await f(f(tensor([1]))).item()).toBe(3);
  });
  it('takes variables as themselves', async () => {
    const step = compile((v: ReturnType<typeof variable>, x: Tensor) => {
      assign(v, v.add(x));
    });
    const [v, w] = [variable(tensor([1])), variable(tensor([10]))];
    for (let i = 0; i < 3; i++) {
      step(v, tensor([1]));
      step(w, tensor([2]));
    }
    expect([await v.item(), await w.item()]).toEqual([4, 16]);
  });
  it('runs nothing', () => {
    const v = variable(tensor([1]));
    const f = compile(() => {
      assign(v, v.add(1));
      throw new Error('changed my mind');
    });
    expect(f).toThrow('changed my mind');
    commit();
    expect(v.itemSync()).toBe(1);
  });
  it('makes what a later call needs no reason to trace or compile', () => {
    const v = variable(tensor([1, 2]));
    const { body, traces } = counting((x: Tensor, lr: Tensor) => {
      assign(v, v.sub(x.mul(lr)));
      return v.sum();
    });
    const f = compile(body, quiet);
    f(tensor([1, 1]), 0.1);
    const { prepared } = programStatistics();
    for (const lr of [0.2, 0, 1, -1, 0.5, NaN]) f(tensor([1, 1]), lr);
    expect(traces()).toBe(1);
    expect(programStatistics().prepared).toBe(prepared);
  });
});

describe('numbers', () => {
  it('as arguments are given at each call', async () => {
    const f = compile((x: Tensor, a: Tensor, o: { b: Tensor }) => x.mul(a).add(o.b));
    for (const [a, b] of [
      [2, 1],
      [0, 5],
      [1, 0.5],
    ] as const)
      // prettier-ignore
      expect(await f(tensor([10]), a, { b: b as unknown as Tensor }).item()).toBe(10 * a + b);
    expect(await f(tensor(Float64Array.of(10)), 0.1, { b: 0 as unknown as Tensor }).item()).toBe(1);
  });
  it('reach a compiled function within another as tensors', async () => {
    const inner = compile((x: Tensor, factor: Tensor) => x.mul(factor.add(1)));
    const outer = compile((x: Tensor) => inner(x, 2).add(inner(x, 3)));
    expect(await outer(tensor([1])).item()).toBe(7);
    expect(await outer(tensor([2])).item()).toBe(14);
  });
  it('from outside that change are found at the second call', async () => {
    let factor = 2;
    const f = compile((x: Tensor) => x.mul(factor));
    expect(await f(tensor([1])).item()).toBe(2);
    factor = 3;
    expect(() => f(tensor([1]))).toThrow(
      'compile: call 2 does not mean what the traced call meant: the number 2 became 3. The body may depend on its arguments',
    );
  });
  it('from outside are found where they decide the operations', () => {
    let power = 2;
    const f = compile((x: Tensor) => x.pow(power));
    f(tensor([1]));
    power = 3;
    expect(() => f(tensor([1]))).toThrow('it has other operations');
  });
  it('from outside are not looked for where that is not wanted', async () => {
    let factor = 2;
    const f = compile((x: Tensor) => x.mul(factor), quiet);
    f(tensor([1]));
    factor = 3;
    expect(await f(tensor([1])).item()).toBe(2);
  });
  it('cannot be returned', () => {
    expect(() => compile(() => 3)()).toThrow('compile: the body returns the number 3, which would never change again');
  });
});

describe('tensors from outside', () => {
  it('that change are found at the second call', () => {
    let outside = tensor([1, 2]);
    const f = compile((x: Tensor) => x.add(outside));
    f(tensor([1]));
    outside = tensor([1, 3]);
    expect(() => f(tensor([1]))).toThrow('it uses another tensor from outside, of shape [2]');
  });
  it('made in the body are the same as long as their values are', async () => {
    const f = compile((x: Tensor) => x.add(tensor([5])));
    for (let i = 0; i < 3; i++) expect(await f(tensor([1])).item()).toBe(6);
  });
  it('keep the value that their variables had', async () => {
    const v = variable(tensor([1]));
    const noted = v.mul(100);
    const f = compile((x: Tensor) => {
      assign(v, v.add(x));
      return v.add(noted);
    });
    expect(await f(tensor([1])).item()).toBe(102);
    expect(await f(tensor([1])).item()).toBe(103);
    expect(await f(tensor([1])).item()).toBe(104);
  });
  it('whose variable was overwritten before are missed with a message', () => {
    const v = variable(tensor([1]));
    const stale = v.mul(2);
    assign(v, v.add(1));
    commit();
    expect(() => compile(() => stale.add(1))()).toThrow('or call keep(tensor) before the step');
  });
  it('may have been read before', async () => {
    const p = parameter(tensor([1]));
    await p.data();
    const f = compile(() => {
      noGrad(() => {
        assign(p, p.add(1));
      });
      return p.mul(10);
    });
    expect([await f().item(), await f().item(), await f().item()]).toEqual([20, 30, 40]);
  });
});

describe('effects', () => {
  it('on variables happen at each call', async () => {
    const v = variable(tensor([1]));
    const f = compile(() => {
      assign(v, v.mul(2));
      const between = v.add(0.5);
      assign(v, v.add(1));
      return between;
    });
    expect(await f().item()).toBe(2.5);
    expect(await f().item()).toBe(6.5);
    expect(await v.item()).toBe(7);
    assign(v, tensor([0]));
    expect(await f().item()).toBe(0.5);
  });
  it('on the host happen at each call, in order', async () => {
    const log: number[] = [];
    let step = 0;
    const f = compile(() => {
      const [a] = hostScalars(1, () => {
        log.push(++step);
        return [step];
      });
      const [b] = hostScalars(1, () => [step * 10]);
      return a.add(b);
    });
    expect([await f().item(), await f().item(), await f().item()]).toEqual([11, 22, 33]);
    expect(log).toEqual([1, 2, 3]);
  });
  it('draw the random numbers that are drawn without compile', async () => {
    const draw = (): Tensor => randn([3]).add(randn([1]));
    manualSeed(7);
    const eager = [await draw().data(), await draw().data(), await draw().data()];
    manualSeed(7);
    const f = compile(draw);
    expect([await f().data(), await f().data(), await f().data()]).toEqual(eager);
    expect(eager[0]).not.toEqual(eager[1]);
  });
  it('of the body as such happen when it is traced only', () => {
    const { body, traces } = counting((x: Tensor) => x.add(1));
    const f = compile(body);
    for (let i = 0; i < 99; i++) f(tensor([1]));
    expect(traces()).toBe(2); // the second is the check
    f(tensor([1]));
    expect(traces()).toBe(3);
  });
});

describe('guards', () => {
  it('trace anew where a parameter is frozen', async () => {
    const p = parameter(tensor([1]));
    const { body, traces } = counting((x: Tensor) => (p.requiresGrad ? x.add(p) : x.sub(p)));
    const f = compile(body, quiet);
    expect(await f(tensor([5])).item()).toBe(6);
    p.requiresGrad = false;
    expect(await f(tensor([5])).item()).toBe(4);
    p.requiresGrad = true;
    expect(await f(tensor([5])).item()).toBe(6);
    expect(traces()).toBe(2);
  });
  it('trace anew where a mode changes', async () => {
    let train = true;
    const f = compile((x: Tensor) => (guarded(() => train) ? x.mul(2) : x));
    expect(await f(tensor([5])).item()).toBe(10);
    train = false;
    expect(await f(tensor([5])).item()).toBe(5);
  });
});

describe('what is returned', () => {
  it('never is an argument, a variable, or the same thing twice', async () => {
    const v = variable(tensor([1]));
    const outside = tensor([3]);
    const f = compile((x: Tensor) => ({ x, again: x, v, outside, list: [x.add(1)] as const }));
    const x = tensor([2]);
    const out = f(x);
    const arrays = [out.x, out.again, out.v, out.outside].map((t) => t.node.value);
    expect(new Set([...arrays, x.node.value, outside.node.value]).size).toBe(6);
    expect(out.v).not.toBe(v);
    assign(v, v.add(1));
    commit();
    expect(await Promise.all([out.x, out.again, out.v, out.outside, out.list[0]].map((t) => t.item()))).toEqual([2, 2, 1, 3, 3]); // prettier-ignore
    const [first, second] = [f(tensor([1])), f(tensor([2]))];
    expect([await first.x.item(), await second.x.item()]).toEqual([1, 2]);
  });
  it('may be nothing, or kept on the device', async () => {
    expect(compile(() => undefined)()).toBeUndefined();
    const kept = compile((x: Tensor) => keep(x.add(1)))(tensor([1]));
    expect(kept.backend?.name).toBe('reference');
    expect(await kept.item()).toBe(2);
  });
  it('is the value before a later assignment', async () => {
    const v = variable(tensor([1]));
    const f = compile(() => {
      const before = v.mul(1);
      assign(v, v.add(1));
      return before;
    });
    expect([await f().item(), await f().item()]).toEqual([1, 2]);
  });
});

describe('the body', () => {
  it('cannot read', async () => {
    expect(() => compile((x: Tensor) => x.add(x.itemSync()))(tensor([1]))).toThrow(
      'itemSync: a compiled function reads a value while it is traced; return the tensor and read it outside',
    );
    const read: Promise<number>[] = [];
    compile((x: Tensor) => {
      read.push(x.add(1).item());
    })(tensor([1]));
    await expect(read[0]).rejects.toThrow('item: a compiled function reads a value while it is traced');
  });
  it('cannot be asynchronous', async () => {
    // @ts-expect-error a promise is no result
    const f = compile(async (x: Tensor) => (await x.item()) > 0);
    expect(() => f(tensor([1]))).toThrow('compile: the body is asynchronous');
    await new Promise((resolve) => setTimeout(resolve)); // an unhandled rejection would fail the test
  });
  it('may call compiled functions, which become part of it', async () => {
    const v = variable(tensor([1]));
    const inner = compile((x: Tensor) => {
      assign(v, v.add(x));
      return v.mul(2);
    });
    const outer = compile((x: Tensor) => inner(x).add(inner(x)));
    const { runs } = programStatistics();
    expect(await outer(tensor([1])).item()).toBe(4 + 6);
    expect(await outer(tensor([1])).item()).toBe(8 + 10);
    expect(await v.item()).toBe(5);
    expect(programStatistics().runs).toBeLessThanOrEqual(runs + 4);
  });
  it('that fails leaves everything as it was', async () => {
    const p = parameter(tensor([1]));
    p.grad = tensor([5]);
    const f = compile(() => {
      p.grad = undefined;
      assign(p, p.add(1));
      p.matmul(tensor([1, 2, 3]));
    });
    expect(f).toThrow('matmul');
    expect([await p.item(), await p.grad.item()]).toEqual([1, 5]);
    expect(await compile(() => p.add(1))().item()).toBe(2);
  });
  it('can be explained after a call', async () => {
    const f = compile((x: Tensor) => x.add(1));
    expect(await f.explain()).toBe('not called yet');
  });
});

describe('types', () => {
  it('take numbers where the body takes tensors', () => {
    const f = compile((x: Tensor, lr: Tensor) => x.mul(lr));
    f(tensor([1]), 0.5);
    // @ts-expect-error there are two arguments
    expect(() => f(tensor([1]))).toThrow();
    const typed: Tensor = compile((x: Tensor) => x)(tensor([1]));
    expect(typed.shape).toEqual([1]);
  });
});
