import { referenceBackend, useBackend } from '@kindling/testkit';
import { beforeEach, describe, expect, it } from 'vitest';
import {
  assign,
  type Backend,
  commit,
  compile,
  explain,
  getDefaultBackend,
  isMemory,
  type Memory,
  parameter,
  setDefaultBackend,
  tensor,
  variable,
  zeros,
} from '../src/index.js';

beforeEach(useBackend(referenceBackend));

/** A backend that cannot read at once and counts the memories that are not freed. */
function asynchronous(): Backend & { live: number } {
  const inner = referenceBackend();
  const inside = new WeakMap<Memory, Memory>();
  const backend: Backend & { live: number } = {
    ...inner,
    name: 'asynchronous',
    live: 0,
    dtypes: new Set(['float32', 'int32', 'bool']),
    allocate(shape, dtype) {
      const memory = inner.allocate(shape, dtype);
      backend.live += 1;
      const outer: Memory = {
        backend,
        shape,
        dtype,
        read: () => memory.read(),
        free: () => {
          backend.live -= 1;
          memory.free();
        },
      };
      inside.set(outer, memory);
      return outer;
    },
    write: (memory, data) => {
      inner.write(inside.get(memory)!, data);
    },
    prepare: (graph) => {
      const executable = inner.prepare(graph);
      const unwrap = (m: unknown): Memory => inside.get(m as Memory)!;
      return {
        run: (inputs, scalars, outputs) =>
          // what goes to the host comes as memory, to be read later
          executable
            .run(
              inputs.map((i) => (isMemory(i) ? unwrap(i) : i)),
              scalars,
              outputs.map((o) => o && unwrap(o)),
            )
            .map((result, i) => {
              if (result === undefined) return undefined;
              const { shape, dtype } = graph.nodes[graph.outputs[i].node];
              const memory = backend.allocate(shape, dtype);
              backend.write(memory, result as Float32Array);
              return memory;
            }),
      };
    },
  };
  return backend;
}

describe('the default backend', () => {
  it('is what there is, or an error that says what to do', async () => {
    expect(getDefaultBackend().name).toBe('reference');
    setDefaultBackend(undefined);
    await expect(tensor([1]).add(1).item()).rejects.toThrow(
      'there is no backend to compute on: call setDefaultBackend',
    );
    expect(await tensor([1]).item()).toBe(1);
  });

  it('is none where nobody awaited it', async () => {
    setDefaultBackend(Promise.resolve(referenceBackend()) as never);
    await expect(tensor([1]).add(1).item()).rejects.toThrow('call setDefaultBackend(await cpu()) first');
  });
});

describe('tensors on a backend', () => {
  it('compute there; host data follows', async () => {
    const other = referenceBackend();
    const x = await tensor([1, 2]).to(other);
    expect(x.backend).toBe(other);
    expect(tensor([1]).backend).toBeUndefined();
    setDefaultBackend(undefined);
    expect(
      await x
        .add(tensor([1, 1]))
        .mul(2)
        .toArray(),
    ).toEqual([4, 6]);
    expect(await x.to(other)).toBe(x);
  });
  it('of two backends do not mix', async () => {
    const [a, b] = [referenceBackend(), asynchronous()];
    const [x, y] = [await tensor([1]).to(a), await tensor([1]).to(b)];
    const sum = x.add(y);
    await expect(sum.item()).rejects.toThrow(
      "tensors on 'reference' and on 'asynchronous' meet in one computation; move them to one backend with to(backend)",
    );
    expect(() => compile((s: typeof x, t: typeof x) => s.add(t))(x, y)).toThrow();
  });
  it('of two backends of one name are told apart by what is known of them', async () => {
    const [a, b] = ['1 thread', '2 threads'].map((detail) => Object.assign(referenceBackend(), { detail }));
    const [x, y] = [await tensor([1]).to(a), await tensor([1]).to(b)];
    await expect(x.add(y).item()).rejects.toThrow(
      "tensors on 'reference' (1 thread) and on another 'reference' (2 threads) meet in one computation",
    );
    const z = await tensor([1]).to(referenceBackend());
    await expect(z.add(x).item()).rejects.toThrow("on 'reference' and on another 'reference' (1 thread) meet");
  });
  it('are given back by dispose and using', async () => {
    const backend = asynchronous();
    const x = await tensor([1]).to(backend);
    {
      using y = await tensor([2]).to(backend);
      expect([y.shape, backend.live]).toEqual([[1], 2]);
    }
    expect(backend.live).toBe(1);
    x.dispose();
    x.dispose();
    expect(backend.live).toBe(0);
    expect(() => x.dataSync()).toThrow('dataSync: the data of shape [1] was disposed of');
    const host = tensor([1]);
    host.dispose();
    expect(host.itemSync()).toBe(1);
  });
});

describe('a backend that reads later', () => {
  it('is read asynchronously', async () => {
    const backend = asynchronous();
    setDefaultBackend(backend);
    const x = tensor([1, 2]).add(1);
    expect(() => x.dataSync()).toThrow(
      "dataSync: backend 'asynchronous' cannot read at once; use the asynchronous form",
    );
    expect(await x.toArray()).toEqual([2, 3]);
    expect(await x.add(x).toArray()).toEqual([4, 6]);
    const v = variable(zeros([1]));
    const f = compile((y: typeof x) => {
      assign(v, v.add(y.sum()));
      return v.mul(10);
    });
    expect(await f(x).item()).toBe(50);
    expect(await f(x.mul(1)).item()).toBe(100);
  });
  it('says which dtypes it has', async () => {
    setDefaultBackend(asynchronous());
    await expect(tensor(Float64Array.of(1)).add(1).item()).rejects.toThrow(
      "backend 'asynchronous' does not have float64, only float32, int32, bool; cast with to('float32')",
    );
  });
});

describe('faults', () => {
  const wrong = (): unknown => tensor([[1]]).gather(1, tensor(Int32Array.of(3), { shape: [1, 1] }));
  it('are reported at the next read, whatever is read', async () => {
    const p = parameter(tensor([[1]]));
    assign(p, p.add(wrong() as never));
    commit();
    await expect(p.item()).rejects.toThrow('gather: index 3 is out of range');
    expect(await p.item()).toBe(2);
  });
  it('are reported where a compiled function returned the value', async () => {
    const f = compile((x: ReturnType<typeof tensor>, i: ReturnType<typeof tensor>) => x.gather(0, i));
    const out = f(tensor([1, 2]), tensor(Int32Array.of(9)));
    await expect(out.item()).rejects.toThrow('gather: index 9 is out of range');
    expect(await f(tensor([1, 2]), tensor(Int32Array.of(1))).item()).toBe(2);
  });
});

it('explain shows the graph', async () => {
  const text = await explain(
    tensor([[1, 2]])
      .sum(1)
      .mul(3),
  );
  expect(text).toContain('0: input "host" float32 [1, 2]');
  expect(text).toContain('1: sum(0) [1] float32 [1]');
  expect(text).toContain("backend 'reference' does not explain itself");
});
