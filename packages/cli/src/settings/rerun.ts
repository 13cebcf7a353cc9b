import type { Request } from '../commands/command.js';
import { commandLine, flagText } from './commandLine.js';
import { kebab } from './names.js';

/** The command that asks for the same again: arguments, and every flag that was given, on the line or in a file. */
export function rerun<S>(request: Request<S>, except: readonly string[] = [], extra: readonly string[] = []): string {
  const words = ['kindling', request.command.name, ...request.arguments];
  for (const [key, setting] of Object.entries(request.command.settings)) {
    const { name } = setting;
    if (except.includes(name) || !(request.given.flags.has(name) || request.given.file.has(name))) continue;
    const value = (request.values as Record<string, unknown>)[key];
    if (setting.placeholder === undefined) {
      if (value === true) words.push(`--${name}`);
    } else words.push(`--${name}`, flagText(value));
  }
  for (const { kind, option, value } of request.options)
    words.push(`--${kind}.${kebab(option)}`, 'text' in value ? value.text : flagText(value.value));
  return commandLine([...words, ...extra]);
}

/** Settings as a configuration file holds them. */
export function configOf<S>(
  request: Request<S>,
  chosen: Readonly<Record<string, unknown>> = {},
): Record<string, unknown> {
  const config: Record<string, unknown> = {};
  for (const [key, setting] of Object.entries(request.command.settings)) {
    const value = chosen[setting.name] ?? (request.values as Record<string, unknown>)[key];
    if (value !== undefined && setting.transient !== true) config[setting.name] = value;
  }
  for (const [name, value] of Object.entries(chosen)) if (name.includes('.')) config[name] = value;
  if (request.plugins !== undefined) config['plugins'] = request.plugins;
  return config;
}
