import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { defineLoss, definePlugin, number, tuple, type OptionsSchema, type Tensor } from '@kindling/core';
import { describe, expect, it } from 'vitest';
import { loadPlugins } from '../src/index.js';
import { data, folder, kindling, registryOf } from './harness.js';

/** As a stranger publishes it. */
const pinballLoss = defineLoss({
  name: 'pinballLoss',
  task: 'regression',
  output: 'value',
  options: {
    quantile: number({ default: 0.5, exclusiveMinimum: 0, exclusiveMaximum: 1, description: 'which to predict' }),
    upperBounds: tuple({ default: [1, 2] }),
  },
  compute: ({ quantile }, input: Tensor, target: Tensor) => {
    const error = target.sub(input);
    return error.mul(quantile).add(error.neg().mul(1 - quantile)).abs(); // prettier-ignore
  },
});
const acme = definePlugin({ name: '@acme/kindling-quantile', contract: 1, provides: [pinballLoss] });

describe('plugins', () => {
  it('lists what is registered, with packages, defaults and ranges', async () => {
    const { code, out } = await kindling(['plugins'], { registry: registryOf(acme) });
    expect(code).toBe(0);
    expect(out).toMatch(/pinballLoss {2}regression {2}@acme\/kindling-quantile/);
    expect(out).toMatch(/--loss\.quantile +0\.5 +> 0, < 1 +which to predict/);
    expect(out).toMatch(/--loss\.upper-bounds +1,2 +2 numbers/);
    expect(out).toMatch(/adam {2}@kindling\/optimizers/);
    expect(out).toMatch(/cpu {2}@kindling\/cpu-backend/);
  });

  it('lists only what is asked for, and all as JSON', async () => {
    const some = await kindling(['plugins', 'adam', 'sgd', '--json']);
    expect((some.json['plugins'] as { name: string }[]).map(({ name }) => name)).toEqual(['sgd', 'adam']);
    const kinds = await kindling(['plugins', '--kind', 'losses', '--json'], { registry: registryOf(acme) });
    const entries = kinds.json['plugins'] as { kind: string; name: string; package: string; options: Record<string, object> }[]; // prettier-ignore
    expect(new Set(entries.map(({ kind }) => kind))).toEqual(new Set(['loss']));
    const found = entries.find(({ name }) => name === 'pinballLoss');
    expect(found).toMatchObject({ package: '@acme/kindling-quantile', tasks: ['regression'], output: 'value' });
    expect(found!.options['quantile']).toEqual({ flag: '--loss.quantile', type: 'number', default: 0.5, exclusiveMinimum: 0, exclusiveMaximum: 1, description: 'which to predict' }); // prettier-ignore
  });

  it("has exactly our own losses' powers: by name, with options from flags", async () => {
    const argv = ['train', data('diabetes'), '--target', 'progression', '--loss', 'pinballLoss', '--epochs', '2'];
    const { code, json } = await kindling([...argv, '--loss.quantile', '0.9', '--json'], { cwd: folder(), registry: registryOf(acme) }); // prettier-ignore
    expect(code).toBe(0);
    expect(json['loss']).toBe('pinballLoss');
    const wrong = await kindling([...argv, '--loss.quantile', '1'], { registry: registryOf(acme) });
    expect(wrong.err).toMatch(/pinballLoss: --loss\.quantile must be greater than 0 and less than 1, got 1/);
  });

  it('understands option schemas that are not our own', async () => {
    const foreign = Object.assign((options?: object) => pinballLoss(options), {
      ...pinballLoss,
      lossName: 'foreignLoss',
      schema: {
        '~standard': {
          version: 1,
          vendor: 'acme',
          validate: (value: unknown) =>
            (value as { share?: number }).share === 3
              ? { issues: [{ message: 'three is too many', path: [{ key: 'share' }] }] }
              : { value: value as object },
          jsonSchema: {
            input: () => ({ type: 'object', properties: { share: { type: 'integer', default: 1 } } }),
            output: () => ({}),
          },
        },
      } as unknown as OptionsSchema<never>,
    });
    const registry = registryOf(foreign as never);
    expect((await kindling(['plugins', 'foreignLoss'], { registry })).out).toMatch(/--loss\.share +1 +integer/);
    const { err, code } = await kindling(['train', data('diabetes'), '--target', 'progression', '--loss', 'foreignLoss', '--loss.share', '3'], { registry }); // prettier-ignore
    expect(err).toMatch(/foreignLoss: --loss\.share: three is too many/);
    expect(code).toBe(2);
  });
});

describe('loadPlugins', () => {
  const project = (packages: Record<string, { json: object; code?: string }>, dependencies: object): string => {
    const root = folder();
    writeFileSync(join(root, 'package.json'), JSON.stringify({ name: 'app', dependencies }));
    for (const [name, { json, code }] of Object.entries(packages)) {
      const place = join(root, 'node_modules', name);
      mkdirSync(place, { recursive: true });
      writeFileSync(join(place, 'package.json'), JSON.stringify({ name, version: '3.2.1', type: 'module', ...json }));
      if (code !== undefined) writeFileSync(join(place, 'main.js'), code);
    }
    return root;
  };
  const keywords = ['kindling-plugin'];
  const plugin = (name: string): string => `export default { name: '${name}', contract: 1, provides: [] };`;
  const names = async (cwd: string, o?: Parameters<typeof loadPlugins>[1]): Promise<string[]> =>
    (await loadPlugins(cwd, o)).plugins.map((p) => (p as { name: string }).name);

  it('finds direct dependencies with the keyword, wherever in the project it is called', async () => {
    const root = project(
      {
        one: { json: { keywords, exports: { '.': { types: './x.d.ts', import: './main.js' } } }, code: plugin('one') },
        '@acme/two': { json: { keywords, main: 'main.js' }, code: plugin('@acme/two') },
        three: { json: { keywords: ['cli'], main: 'main.js' }, code: plugin('three') },
        hidden: { json: { keywords, exports: './main.js' }, code: plugin('hidden') },
      },
      { one: '*', '@acme/two': '*', three: '*', absent: '*' },
    );
    const below = join(root, 'src/deep');
    mkdirSync(below, { recursive: true });
    expect(await names(below)).toEqual(['@acme/two', 'one']);
    expect((await loadPlugins(root)).packages).toEqual({ '@acme/two': '3.2.1', one: '3.2.1' });
    expect(await names(root, { except: ['one'] })).toEqual(['@acme/two']);
    expect(await names(root, { names: ['three'] })).toEqual(['three']);
    expect(await names(root, { names: [] })).toEqual([]);
  });

  it('is content with no project at all', async () => {
    expect(await names('/')).toEqual([]);
  });

  it('says what is wrong with a plugin', async () => {
    const root = project(
      {
        broken: { json: { keywords, main: 'main.js' }, code: 'throw new Error("no luck")' },
        other: { json: { keywords, main: 'main.js' }, code: 'export const x = 1' },
      },
      { broken: '*' },
    );
    await expect(loadPlugins(root)).rejects.toThrow(/plugin 'broken' cannot be loaded: no luck/);
    await expect(loadPlugins(root, { names: ['other'] })).rejects.toThrow(/'other' is no plugin: its default export/);
    await expect(loadPlugins(root, { names: ['borken'] })).rejects.toThrow(/not installed; did you mean 'broken'\?/);
    await expect(loadPlugins(root, { names: ['@acme/kindling-lovasz'] })).rejects.toThrow(/install it with: npm install @acme\/kindling-lovasz/); // prettier-ignore
  });

  it('a configuration decides which plugins are loaded', async () => {
    const cwd = folder();
    writeFileSync(join(cwd, 'c.json'), JSON.stringify({ plugins: ['@acme/kindling-quantile'] }));
    const asked: (readonly string[] | undefined)[] = [];
    const registry = async ({ plugins }: { plugins: readonly string[] | undefined }) => {
      asked.push(plugins);
      return { registry: registryOf(...(plugins === undefined ? [] : [acme])) };
    };
    const argv = ['train', data('diabetes'), '--target', 'progression', '--print-config'];
    expect((await kindling([...argv, '--loss', 'pinballLoss'], { cwd, registry })).code).toBe(2);
    const { json } = await kindling([...argv, '--loss', 'pinballLoss', '--loss.quantile', '0.2', '--config', 'c.json'], { cwd, registry }); // prettier-ignore
    expect(json).toMatchObject({ loss: 'pinballLoss', 'loss.quantile': 0.2, plugins: ['@acme/kindling-quantile'] });
    expect(asked).toEqual([undefined, ['@acme/kindling-quantile']]);
  });
});
