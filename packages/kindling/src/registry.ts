import { createRequire } from 'node:module';
import type { RegistryAnswer, RegistryRequest } from '@kindling/cli';

/** The packages whose plugins are always there. */
const standard = ['@kindling/losses', '@kindling/optimizers', '@kindling/metrics', '@kindling/cpu-backend', '@kindling/webgpu-backend'] as const; // prettier-ignore
const libraries = ['@kindling/core', '@kindling/autograd', '@kindling/compiler', '@kindling/nn', '@kindling/data', '@kindling/train', '@kindling/formats', '@kindling/cli']; // prettier-ignore

/** Losses, optimizers, metrics and backends of the standard set, and those of the project's plugins. */
export async function openRegistry({ cwd, plugins: names }: RegistryRequest): Promise<RegistryAnswer> {
  const [{ createRegistry }, { loadPlugins }, ...own] = await Promise.all([
    import('@kindling/core'),
    import('@kindling/cli'),
    import('@kindling/losses'),
    import('@kindling/optimizers'),
    import('@kindling/metrics'),
    import('@kindling/cpu-backend'),
    import('@kindling/webgpu-backend'),
  ]);
  const loaded = await loadPlugins(cwd, { names, except: standard });
  const registry = createRegistry(...own.map((module) => module.default), ...loaded.plugins);
  return {
    registry: registry as unknown as RegistryAnswer['registry'],
    packages: { ...versionsOf([...libraries, ...standard]), ...loaded.packages },
  };
}

/** The version of this package. */
export function ownVersion(): string {
  return (createRequire(import.meta.url)('../package.json') as { version: string }).version;
}

function versionsOf(names: readonly string[]): Record<string, string> {
  const require = createRequire(import.meta.url);
  return {
    kindling: ownVersion(),
    ...Object.fromEntries(
      names.map((name) => [name, (require(`${name}/package.json`) as { version: string }).version]),
    ),
  };
}
