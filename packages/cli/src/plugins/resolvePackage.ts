import { readFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';

export interface PackageJson {
  readonly name?: string;
  readonly version?: string;
  readonly keywords?: readonly string[];
  readonly main?: string;
  readonly exports?: unknown;
  readonly dependencies?: Readonly<Record<string, string>>;
  readonly devDependencies?: Readonly<Record<string, string>>;
  readonly optionalDependencies?: Readonly<Record<string, string>>;
}

export interface FoundPackage {
  readonly folder: string;
  readonly json: PackageJson;
}

/** The closest folder at or above `from` with a package.json. */
export async function nearestProject(from: string): Promise<FoundPackage | undefined> {
  for (const folder of upwards(from)) {
    const json = await readJson(join(folder, 'package.json'));
    if (json !== undefined) return { folder, json };
  }
  return undefined;
}

/** A package installed for a project, found as Node finds it. Its exports need not name package.json. */
export async function findPackage(name: string, project: string): Promise<FoundPackage | undefined> {
  for (const folder of upwards(project)) {
    const candidate = join(folder, 'node_modules', name);
    const json = await readJson(join(candidate, 'package.json'));
    if (json !== undefined) return { folder: candidate, json };
  }
  return undefined;
}

/**
 * The file that `import 'name'` loads. `import.meta.resolve` cannot be used: it resolves from this file, and plugins are
 * the project's, not ours.
 */
export function entryOf({ folder, json }: FoundPackage): string {
  const exports = json.exports as Record<string, unknown> | string | undefined;
  const root = typeof exports === 'object' && exports !== null && '.' in exports ? exports['.'] : exports;
  return join(folder, conditional(root) ?? json.main ?? 'index.js');
}

const conditions = ['node', 'import', 'module-sync', 'default'];

function conditional(target: unknown): string | undefined {
  if (typeof target === 'string') return target;
  if (Array.isArray(target)) return target.map(conditional).find((t) => t !== undefined);
  if (typeof target !== 'object' || target === null) return undefined;
  for (const [condition, inner] of Object.entries(target))
    if (conditions.includes(condition)) {
      const found = conditional(inner);
      if (found !== undefined) return found;
    }
  return undefined;
}

function* upwards(from: string): Generator<string> {
  for (let folder = from; ; folder = dirname(folder)) {
    yield folder;
    if (dirname(folder) === folder) return;
  }
}

async function readJson(path: string): Promise<PackageJson | undefined> {
  try {
    const value = JSON.parse(await readFile(path, 'utf8')) as unknown;
    return typeof value === 'object' && value !== null ? value : undefined;
  } catch {
    return undefined; // not there, or not ours to complain about
  }
}
