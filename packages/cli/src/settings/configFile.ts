import { KindlingError, pluginKinds, suggestion } from '@kindling/core';
import { readTextFile } from '../files/readTextFile.js';
import { kebab } from './names.js';
import type { Setting } from './setting.js';

/** What a configuration file says. */
export interface Config {
  /** Values of settings, by the setting's name. */
  readonly values: Readonly<Record<string, unknown>>;
  /** `loss.delta`, `optimizer.momentum`: by kind and option, as written. */
  readonly options: readonly (readonly [name: string, value: unknown])[];
  /** Packages to load plugins from; undefined where the file does not say. */
  readonly plugins: readonly string[] | undefined;
}

export const emptyConfig: Config = { values: {}, options: [], plugins: undefined };

const pluginKey = new RegExp(`^(${pluginKinds.join('|')})\\.(.+)$`);

/** Reads a configuration file: a JSON object with the names of flags as keys. */
export async function readConfig(path: string, cwd: string): Promise<Record<string, unknown>> {
  const text = await readTextFile(path, cwd, 'configuration');
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (error) {
    throw new KindlingError(`the configuration ${path} is not JSON: ${place(text, (error as Error).message)}`);
  }
  if (typeof value !== 'object' || value === null || Array.isArray(value))
    throw new KindlingError(
      `the configuration ${path} must hold one JSON object such as { "epochs": 50 }, not ${Array.isArray(value) ? 'an array' : value === null ? 'null' : `a ${typeof value}`}`,
    );
  return value as Record<string, unknown>;
}

/** The packages that a configuration lists under `plugins`; undefined where it does not have the key. */
export function pluginsOf(raw: Readonly<Record<string, unknown>>, path: string): readonly string[] | undefined {
  const plugins = raw['plugins'];
  if (plugins === undefined) return undefined;
  if (!Array.isArray(plugins) || !plugins.every((p) => typeof p === 'string' && p !== ''))
    throw new KindlingError(`the configuration ${path}: "plugins" must be an array of package names`);
  return plugins as string[];
}

/** Sorts and checks the keys; an unknown one is an error that names the nearest. */
export function interpretConfig(
  raw: Readonly<Record<string, unknown>>,
  path: string,
  settings: readonly Setting<unknown>[],
  kinds: readonly string[],
): Config {
  const values: Record<string, unknown> = {};
  const options: (readonly [string, unknown])[] = [];
  for (const [key, value] of Object.entries(raw)) {
    if (key === 'plugins' || key === '$schema') continue;
    const setting = settings.find(({ name }) => name === kebab(key));
    const plugin = pluginKey.exec(key);
    if (setting !== undefined) {
      try {
        values[setting.name] = setting.check(value);
      } catch (error) {
        throw new KindlingError(`the configuration ${path}: "${key}" ${(error as Error).message}`);
      }
    } else if (plugin !== null && kinds.includes(plugin[1])) options.push([key, value]);
    else {
      const known = [...settings.map(({ name }) => name), 'plugins'];
      throw new KindlingError(`the configuration ${path} has an unknown key "${key}"${suggestion(kebab(key), known)}`);
    }
  }
  return { values, options, plugins: pluginsOf(raw, path) };
}

/** JSON.parse names an offset; people want a line. */
function place(text: string, message: string): string {
  const at = /position (\d+)/.exec(message)?.[1];
  if (at === undefined || /line \d+/.test(message)) return message;
  const before = text.slice(0, Number(at)).split('\n');
  return `${message} (line ${before.length}, column ${before.at(-1)!.length + 1})`;
}
