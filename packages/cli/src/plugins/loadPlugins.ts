import { pathToFileURL } from 'node:url';
import { KindlingError, nearest, type Plugin, type Provision } from '@kindling/core';
import { entryOf, findPackage, type FoundPackage, nearestProject } from './resolvePackage.js';

/** Packages whose default export is a plugin carry it, so that the command line finds them. */
export const pluginKeyword = 'kindling-plugin';

export interface LoadPluginsOptions {
  /** The packages to load. Without it: the project's direct dependencies with the keyword `kindling-plugin`. */
  readonly names?: readonly string[] | undefined;
  /** Packages that are registered anyway, and are not loaded a second time. */
  readonly except?: readonly string[];
}

export interface LoadedPlugins {
  readonly plugins: readonly (Plugin | Provision)[];
  /** Their packages, with versions. */
  readonly packages: Readonly<Record<string, string>>;
}

/** The plugins of the project that `cwd` belongs to. */
export async function loadPlugins(cwd: string, options: LoadPluginsOptions = {}): Promise<LoadedPlugins> {
  const project = await nearestProject(cwd);
  const { names, except = [] } = options;
  const found = names === undefined ? await discover(project) : await listed(names, project, cwd);
  const plugins: (Plugin | Provision)[] = [];
  const packages: Record<string, string> = {};
  for (const [name, place] of found) {
    if (except.includes(name)) continue;
    plugins.push(...(await load(name, place)));
    packages[name] = place.json.version ?? 'unknown';
  }
  return { plugins, packages };
}

async function discover(project: FoundPackage | undefined): Promise<[string, FoundPackage][]> {
  if (project === undefined) return [];
  const { dependencies, devDependencies, optionalDependencies } = project.json;
  const names = Object.keys({ ...optionalDependencies, ...devDependencies, ...dependencies }).sort();
  const all = await Promise.all(names.map(async (name) => [name, await findPackage(name, project.folder)] as const));
  // a dependency that is not installed cannot tell its keywords: `npm install` will say so, not we
  return all.filter((pair): pair is [string, FoundPackage] => pair[1]?.json.keywords?.includes?.(pluginKeyword) === true); // prettier-ignore
}

async function listed(
  names: readonly string[],
  project: FoundPackage | undefined,
  cwd: string,
): Promise<[string, FoundPackage][]> {
  const { dependencies, devDependencies, optionalDependencies } = project?.json ?? {};
  return Promise.all(
    names.map(async (name) => {
      const place = await findPackage(name, project?.folder ?? cwd);
      if (place !== undefined) return [name, place] as [string, FoundPackage];
      const known = Object.keys({ ...dependencies, ...devDependencies, ...optionalDependencies });
      const near = nearest(name, known);
      throw new KindlingError(
        `the plugin '${name}' that the configuration lists is not installed; ${near === undefined ? `install it with: npm install ${name}` : `did you mean '${near}'?`}`,
      );
    }),
  );
}

async function load(name: string, place: FoundPackage): Promise<readonly (Plugin | Provision)[]> {
  let module: { default?: unknown };
  try {
    module = (await import(pathToFileURL(entryOf(place)).href)) as { default?: unknown };
  } catch (error) {
    throw new KindlingError(
      `the plugin '${name}' cannot be loaded: ${String((error as Error).message).split('\n')[0]}. ` +
        `Update it, or list the plugins to load in a configuration: { "plugins": [] }`,
      { cause: error },
    );
  }
  const value = module.default;
  const isPlugin = typeof value === 'object' && value !== null && 'provides' in value;
  const isProvision = typeof value === 'function' && 'kind' in value;
  if (!isPlugin && !isProvision)
    throw new KindlingError(`'${name}' is no plugin: its default export must come from definePlugin`);
  return [value as Plugin | Provision];
}
