import { KindlingError, type Registered, suggestion } from '@kindling/core';
import { tasksOf } from '../choices/chooseLoss.js';
import { printable, table } from '../console/table.js';
import type { Context } from '../context.js';
import { flagText } from '../settings/commandLine.js';
import { kebab } from '../settings/names.js';
import { optionSchemas, rangeOf } from '../settings/pluginOptions.js';
import { words } from '../settings/setting.js';
import { defineCommand } from './command.js';

const kinds = ['loss', 'optimizer', 'backend'] as const;

export const pluginsCommand = defineCommand({
  name: 'plugins',
  summary: 'List losses, optimizers and backends, the packages they come from, and their options.',
  arguments: '[name...]',
  argumentHelp: { name: 'only these' },
  settings: { kind: words('kind', { description: `only ${kinds.join(', ')}`, placeholder: '<kind>' }) },
  plugins: [],
  examples: ['plugins', 'plugins adam crossEntropyLoss', 'plugins --kind optimizer --json'],
  notes: [
    "Without a configuration, the project's direct dependencies with the keyword 'kindling-plugin' are loaded; with a\n" +
      `configuration that has "plugins": ["name", …], those.`,
  ],
  run: async (context, { arguments: names, values }) => {
    const chosen = choose(context, names, values.kind);
    if (context.terminal.json) context.terminal.object({ plugins: chosen.map((entry) => asJson(entry, context)) });
    else for (const kind of kinds) list(context, kind, chosen.filter(({ provision }) => provision.kind === kind)); // prettier-ignore
  },
});

function choose(context: Context, names: readonly string[], only: readonly string[] | undefined): Registered[] {
  const wanted = only?.map((kind) => {
    const singular = kind.replace(/(loss)es$|s$/, '$1').replace(/^los$/, 'loss');
    if (!kinds.includes(singular as 'loss')) throw new KindlingError(`--kind must be one of ${kinds.join(', ')}, got '${kind}'`); // prettier-ignore
    return singular;
  });
  const entries = context.registry.entries();
  for (const name of names)
    if (!entries.some((e) => e.name === name))
      throw new KindlingError(`there is nothing registered as '${name}'${suggestion(name, entries.map((e) => e.name))}`); // prettier-ignore
  return entries.filter(
    (e) =>
      (names.length === 0 || names.includes(e.name)) && (wanted === undefined || wanted.includes(e.provision.kind)),
  );
}

function list({ terminal }: Context, kind: string, entries: readonly Registered[]): void {
  if (entries.length === 0) return;
  const { bold, dim } = terminal.colors;
  terminal.say(bold({ loss: 'Losses', optimizer: 'Optimizers', backend: 'Backends' }[kind]));
  for (const { name, provision, plugin } of entries) {
    const facts = provision.kind === 'loss' ? `  ${tasksOf(provision).join(', ')}` : '';
    terminal.say(`\n  ${bold(printable(name))}${facts}  ${dim(plugin ?? 'registered singly')}`);
    const rows = Object.entries(optionSchemas(provision)).map(([option, schema]) => [
      `  --${kind}.${kebab(option)}`,
      schema.default === undefined ? '–' : flagText(schema.default),
      rangeOf(schema),
      schema.description ?? '',
    ]);
    if (rows.length > 0)
      terminal.say(
        table([{ title: '  option' }, { title: 'default' }, { title: 'range' }, { title: 'meaning' }], rows, dim),
      );
  }
  terminal.say();
}

function asJson({ name, provision, plugin }: Registered, context: Context): Record<string, unknown> {
  return {
    kind: provision.kind,
    name,
    package: plugin ?? null,
    version: (plugin !== undefined && context.packages[plugin]) || null,
    ...(provision.kind === 'loss' ? { tasks: tasksOf(provision), output: provision.output } : {}),
    options: Object.fromEntries(
      Object.entries(optionSchemas(provision)).map(([option, schema]) => [
        option,
        { flag: `--${provision.kind}.${kebab(option)}`, ...schema },
      ]),
    ),
  };
}
