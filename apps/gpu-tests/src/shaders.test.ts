import { kernelBackend } from '@kindling/compiler';
import { type Backend, type Graph, setDefaultBackend } from '@kindling/core';
import { cpu } from '@kindling/cpu-backend';
import { conformance } from '@kindling/testkit';
import { afterAll, afterEach, describe, expect, it } from 'vitest';
import { create } from 'webgpu';
import { goldenSuite } from '../../../packages/losses/test/goldenSuite.js';
import { severalSuite } from '../../../packages/losses/test/severalSuite.js';
import { clippingSuite } from '../../../packages/optimizers/test/clippingSuite.js';
import { trajectorySuite } from '../../../packages/optimizers/test/trajectorySuite.js';
import { webgpuDevice } from '../../../packages/webgpu-backend/src/device.js';

// Dawn checks shaders without any driver: types, uniformity, limits. The limits here are those that every device has.
// What the suites compute is computed by the CPU, since Dawn computes nothing here.
const dawn = create(['backend=null']); // goes when nobody holds it

/** What Dawn said of the shaders of a graph. */
const verdicts: Promise<string | undefined>[] = [];

async function checkedCpu(): Promise<Backend> {
  const adapter = (await dawn.requestAdapter())!;
  const gpu = await adapter.requestDevice();
  const checker = kernelBackend(webgpuDevice(gpu));
  const backend = await cpu();
  const [prepare, close] = [backend.prepare.bind(backend), backend.close.bind(backend)];
  const check = async (graph: Graph): Promise<string | undefined> => {
    gpu.pushErrorScope('validation');
    const executable = checker.prepare(graph);
    const error = await gpu.popErrorScope();
    return error === null ? undefined : `${error.message}\n${await executable.explain?.()}`;
  };
  return Object.assign(backend, {
    prepare: (graph: Graph) => {
      if (graph.nodes.every(({ dtype }) => checker.dtypes.has(dtype))) verdicts.push(check(graph));
      return prepare(graph);
    },
    close: () => Promise.all([close(), checker.close()]).then(() => undefined),
  });
}

afterEach(async () => {
  const problems = (await Promise.all(verdicts.splice(0))).filter((said) => said !== undefined);
  if (problems.length > 0) expect.fail(problems.join('\n'));
});

describe('the shaders of what the suites compute are valid', () => {
  goldenSuite('Dawn', checkedCpu, ['float32']);
  severalSuite('Dawn', 'float32', checkedCpu);
  trajectorySuite('Dawn', checkedCpu, ['float32']);
  clippingSuite('Dawn', checkedCpu);

  describe('conformance', () => {
    let backend: Backend;
    let checked = 0;
    const open = async (): Promise<Backend> => (backend = await checkedCpu());
    afterAll(() => {
      setDefaultBackend(undefined);
      return backend.close();
    });
    afterEach(() => {
      checked += verdicts.length;
    });
    const supports = { dtypes: ['float32', 'int32', 'uint32', 'bool'] } as const;
    for (const { name, run } of conformance('webgpu', open, { supports })) it(name, run);
    it('has shaders', () => {
      expect(checked).toBeGreaterThan(1000);
    });
  });
});
