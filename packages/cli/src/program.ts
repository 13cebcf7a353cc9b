import { Command, CommanderError, Option } from 'commander';
import { KindlingError, nearest, type OpenRegistry, type PluginKind, pluginKinds, suggestion } from '@kindling/core';
import { type AnyCommand, fromFlags, type GivenOption, type Request } from './commands/command.js';
import { commands } from './commands/index.js';
import type { Context } from './context.js';
import { exitCode } from './exit.js';
import { emptyConfig, interpretConfig, pluginsOf, readConfig } from './settings/configFile.js';
import { flagText } from './settings/commandLine.js';
import {
  hasPluginFlags,
  type PluginFlag,
  pluginFlagOf,
  pluginOptionNames,
  takePluginFlags,
} from './settings/pluginOptions.js';
import { flag, type Setting, text } from './settings/setting.js';

/** The end, without anything more to say. */
export class Halted extends Error {
  readonly code: number;
  constructor(code: number) {
    super();
    this.code = code;
  }
}

/** Flags that every command has. */
const common = [
  flag('json', { description: 'one JSON object on standard output, all else on standard error', transient: true }),
  text('config', { description: 'a JSON file with the names of flags as keys; flags win', placeholder: '<file>', transient: true }), // prettier-ignore
  flag('print-config', { description: 'print all settings as such a file, and do nothing else', transient: true }),
  flag('debug', { description: 'show where an error happened', transient: true }),
] as readonly Setting<unknown>[];

type Base = Omit<Context, 'registry' | 'packages'>;
type Open = (plugins: readonly string[] | undefined) => Promise<Context>;

/** Reads the arguments, finds the command and runs it. */
export async function runProgram(argv: readonly string[], base: Base, open: Open): Promise<void> {
  const { terminal, cwd } = base;
  const root = new Command('kindling');
  root
    .description('Trains, compares, evaluates and serves models on tables, from the command line.')
    .version(base.version, '-V, --version', 'print the version')
    .helpOption('-h, --help', 'show help')
    .helpCommand('help [command]', 'show help for a command')
    .showSuggestionAfterError(false)
    .exitOverride()
    .configureOutput({
      writeOut: (s) => void terminal.stdout.write(s),
      writeErr: (s) => void terminal.stderr.write(s),
      getOutHelpWidth: () => terminal.stdout.columns ?? 100,
      getErrHelpWidth: () => terminal.stderr.columns ?? 100,
      getOutHasColors: () => terminal.colors.isColorSupported,
      getErrHasColors: () => terminal.noteColors.isColorSupported,
      outputError: () => {}, // said below, with our own suggestions
    })
    .configureHelp({ styleTitle: (s) => terminal.colors.bold(s), showGlobalOptions: false })
    .addHelpText('after', rootHelp(terminal.colors.bold));

  const name = argv.find((a) => !a.startsWith('-'));
  const definition = commands.find((c) => c.name === name);
  let context: Context | undefined;
  let raw: Record<string, unknown> = {};
  let flags: readonly PluginFlag[] = [];
  let rest = [...argv];
  const configPath = valueAfter(argv, '--config');
  const wantsHelp = argv.includes('--help') || argv.includes('-h');

  for (const command of commands)
    addCommand(root, command, terminal.colors.bold, async (args, given) => {
      const settings = Object.values(command.settings);
      const config =
        configPath === undefined ? emptyConfig : interpretConfig(raw, configPath, settings, command.plugins);
      const request = requestOf(command, args, given, config, flags);
      context ??= await open(config.plugins);
      await command.run(context, request as never);
    });

  if (argv.length === 0) {
    root.outputHelp();
    return;
  }
  const topic = argv[0] === 'help' ? argv.find((a, i) => i > 0 && !a.startsWith('-')) : undefined;
  if (topic !== undefined && topic !== 'help' && !commands.some((c) => c.name === topic))
    throw new KindlingError(unknownCommand(topic));
  if (definition !== undefined && !wantsHelp) {
    if (configPath !== undefined) raw = await readConfig(configPath, cwd);
    if (hasPluginFlags(argv) && definition.plugins.length > 0) {
      context = await open(configPath === undefined ? undefined : pluginsOf(raw, configPath));
      ({ rest, flags } = takePluginFlags(argv, context.registry, definition.plugins));
    }
  }
  try {
    await root.parseAsync(rest, { from: 'user' });
  } catch (error) {
    if (!(error instanceof CommanderError)) throw error;
    if (error.exitCode === 0) return;
    if (error.code === 'commander.help') throw new Halted(exitCode.badInput); // help was written, to standard error
    const isUnknown = error.code === 'commander.unknownOption' && definition !== undefined;
    // only for its names: a plugin that does not load is not what was done wrong
    if (isUnknown) context ??= await open(configPath === undefined ? undefined : pluginsOf(raw, configPath)).catch(() => undefined); // prettier-ignore
    throw new KindlingError(explain(error, definition, context?.registry));
  }
}

function addCommand(
  root: Command,
  definition: AnyCommand,
  bold: (s: string) => string,
  run: (args: string[], given: Record<string, unknown>) => Promise<void>,
): void {
  const command = root
    .command(`${definition.name} ${definition.arguments}`.trim())
    .summary(definition.summary)
    .description(definition.summary)
    .helpOption('-h, --help', 'show this help')
    .allowExcessArguments(true); // refused below, by name
  for (const [argument, description] of Object.entries(definition.argumentHelp)) {
    const found = command.registeredArguments.find((a) => a.name() === argument);
    if (found !== undefined) found.description = description;
  }
  const all: readonly Setting<unknown>[] = [...Object.values(definition.settings), ...common]; // prettier-ignore
  for (const setting of all) {
    const option = new Option(`--${setting.name}${setting.placeholder === undefined ? '' : ` ${setting.placeholder}`}`);
    option.description = describe(setting);
    if (setting.placeholder !== undefined)
      option.argParser((value: string) => {
        try {
          return setting.check(setting.parse(value));
        } catch (error) {
          throw new KindlingError(`--${setting.name} ${(error as Error).message}`);
        }
      });
    command.addOption(option);
  }
  const notes = [
    ...(definition.notes ?? []),
    ...(definition.plugins.length > 0
      ? [
          `Options of the chosen ${definition.plugins.join(', ')}: ${definition.plugins.map((k) => `--${k}.<option> <value>`).join(', ')}.\n` +
            `'kindling plugins' lists them.`,
        ]
      : []),
  ];
  command.addHelpText(
    'after',
    [
      ...notes.map((note) => `\n${note}`),
      `\n${bold('Examples:')}`,
      ...definition.examples.map((line) => `  $ kindling ${line}`),
    ].join('\n'),
  );
  command.action(async (...received: unknown[]) => {
    const given = command.opts<Record<string, unknown>>();
    const args = received
      .slice(0, -2)
      .flat()
      .filter((a): a is string => typeof a === 'string');
    const excess = command.args.slice(args.length).map((word) => `'${word}'`);
    if (excess.length > 0)
      throw new KindlingError(
        `${excess.join(', ')} ${excess.length > 1 ? 'are' : 'is'} too many: usage is 'kindling ${definition.name} ${definition.arguments}', ` +
          `and lists are written with commas, a,b; see 'kindling ${definition.name} --help'`,
      );
    await run(args, given);
  });
}

function describe(setting: Setting<unknown>): string {
  const value = setting.defaultText ?? (setting.default === undefined || setting.default === false ? undefined : flagText(setting.default)); // prettier-ignore
  return value === undefined ? setting.description : `${setting.description} (default: ${value})`;
}

function requestOf(
  definition: AnyCommand,
  args: string[],
  given: Record<string, unknown>,
  config: ReturnType<typeof interpretConfig>,
  flags: readonly PluginFlag[],
): Request<unknown> {
  const values: Record<string, unknown> = {};
  const byFlag = new Set<string>();
  const byFile = new Set<string>();
  for (const [key, setting] of Object.entries(definition.settings)) {
    const attribute = new Option(`--${setting.name} <x>`).attributeName();
    if (given[attribute] !== undefined) byFlag.add(setting.name);
    else if (config.values[setting.name] !== undefined) byFile.add(setting.name);
    values[key] = given[attribute] ?? config.values[setting.name] ?? setting.default;
  }
  const fromFile = config.options.map(([name, value]): GivenOption => {
    const kind = name.slice(0, name.indexOf('.')) as PluginKind;
    return { kind, option: name.slice(kind.length + 1), value: { value }, shown: `"${name}"`, from: 'file' };
  });
  return {
    command: definition,
    arguments: args,
    values: values,
    given: { flags: byFlag, file: byFile },
    // an option in the file belongs to the file's choice: another choice on the command line leaves it behind
    options: [...fromFile.filter(({ kind }) => !byFlag.has(kind)), ...fromFlags(flags)],
    printConfig: given['printConfig'] === true,
    plugins: config.plugins,
  };
}

function valueAfter(argv: readonly string[], name: string): string | undefined {
  const at = argv.findIndex((a) => a === name || a.startsWith(`${name}=`));
  if (at < 0) return undefined;
  return argv[at] === name ? argv[at + 1] : argv[at].slice(name.length + 1);
}

/** Commander's complaint in our words, with the nearest name. */
function explain(error: CommanderError, definition: AnyCommand | undefined, registry?: OpenRegistry): string {
  const message = error.message.replace(/^error: /, '');
  const help = definition === undefined ? 'kindling --help' : `kindling ${definition.name} --help`;
  const quoted = /'([^']*)'/.exec(message)?.[1] ?? '';
  switch (error.code) {
    case 'commander.unknownOption': {
      const known = definition === undefined ? ['--version', '--help'] : flagNames(definition);
      const typed = quoted.replace(/=.*/s, '');
      if (definition !== undefined && pluginKinds.some((kind) => typed.startsWith(`--${kind}.`)))
        return `'kindling ${definition.name}' takes no option ${typed}; see '${help}'`;
      const near = (definition && registry && meantFlag(typed, definition, registry)) ?? nearest(typed, known);
      return `there is no option '${typed}'${near === undefined ? `; see '${help}'` : `; did you mean '${near}'?`}`;
    }
    case 'commander.unknownCommand':
      return unknownCommand(quoted);
    case 'commander.missingArgument':
      return `${missing(definition, quoted)}; see '${help}'`;
    case 'commander.optionMissingArgument':
      return `${/--[\w-]+/.exec(quoted)?.[0] ?? 'an option'} needs a value: ${quoted}; see '${help}'`;
    default:
      return message;
  }
}

/** The flag, of the command or of plugins, that an unknown one was meant to be. */
function meantFlag(typed: string, definition: AnyCommand, registry: OpenRegistry): string | undefined {
  const name = typed.replace(/^-+/, '');
  const own = nearest(name, Object.values(definition.settings).map((setting) => setting.name)); // prettier-ignore
  const exact = pluginFlagOf(name, definition, registry);
  if (exact !== undefined || own !== undefined) return exact ?? `--${own}`;
  // `--learning-rate`: the flag that is described as that, or the only one whose description speaks of it
  const words = new RegExp(`\\b${name.replace(/[^a-z]+/gi, ' ').trim()}\\b`, 'i');
  const speaking = Object.values(definition.settings).filter(({ description }) => words.test(description));
  const described = speaking.filter(({ description }) => description.search(words) === 0);
  const [meant] = [described, speaking].find((settings) => settings.length === 1) ?? [];
  if (name.length > 4 && meant !== undefined) return `--${meant.name}`;
  const option = name.length > 5 ? nearest(name, pluginOptionNames(definition.plugins, registry)) : undefined;
  return option && pluginFlagOf(option, definition, registry);
}

function unknownCommand(typed: string): string {
  return `there is no command '${typed}'${suggestion(typed, commands.map((c) => c.name))}`; // prettier-ignore
}

function missing(definition: AnyCommand | undefined, argument: string): string {
  const what = definition?.argumentHelp[argument];
  return what === undefined ? `the argument '${argument}' is missing` : `<${argument}> is missing: ${what}`;
}

function flagNames(definition: AnyCommand): string[] {
  const settings = Object.values(definition.settings);
  return ['--help', ...[...settings, ...common].map(({ name }) => `--${name}`)];
}

function rootHelp(bold: (s: string) => string): string {
  return [
    '',
    bold('Examples:'),
    '  $ kindling train iris.csv --target species --out model',
    '  $ kindling predict model new.csv --proba',
    '  $ kindling compare iris.csv --target species --losses crossEntropyLoss,nllLoss --optimizers adam,sgd',
    '',
    "'kindling help train' tells all about a command; 'kindling plugins' lists losses, optimizers, schedules and backends.",
  ].join('\n');
}
