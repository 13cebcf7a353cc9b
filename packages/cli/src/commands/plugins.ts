import {
  KindlingError,
  nearest,
  type PluginKind,
  pluginKinds as kinds,
  type Provision,
  type Registered,
  suggestion,
} from '@kindling/core';
import { tasksOf } from '../choices/chooseLoss.js';
import { printable, table } from '../console/table.js';
import type { Context } from '../context.js';
import { flagText } from '../settings/commandLine.js';
import { kebab } from '../settings/names.js';
import { optionSchemas, rangeOf, requiredOptions } from '../settings/pluginOptions.js';
import { words } from '../settings/setting.js';
import { defineCommand } from './command.js';

export const pluginsCommand = defineCommand({
  name: 'plugins',
  summary: 'List losses, optimizers, schedules, metrics and backends, the packages they come from, and their options.',
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
    if (!kinds.includes(singular as PluginKind)) {
      const near = nearest(singular, kinds);
      throw new KindlingError(`--kind must be one of ${kinds.join(', ')}, got '${kind}'${near === undefined ? '' : `; did you mean '${near}'?`}`); // prettier-ignore
    }
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

const titles: Readonly<Record<PluginKind, string>> = {
  loss: 'Losses',
  optimizer: 'Optimizers',
  schedule: 'Schedules',
  metric: 'Metrics',
  backend: 'Backends',
};

/** What is worth knowing of one beside its options. */
function factsOf(provision: Provision): string {
  if (provision.kind === 'loss') return `  ${tasksOf(provision).join(', ')}`;
  if (provision.kind === 'metric') return `  ${[provision.task].flat().join(', ')}`;
  return provision.kind === 'schedule' ? `  after each ${provision.interval}` : '';
}

function list({ terminal }: Context, kind: PluginKind, entries: readonly Registered[]): void {
  if (entries.length === 0) return;
  const { bold, dim } = terminal.colors;
  terminal.say(bold(titles[kind]));
  for (const { name, provision, plugin } of entries) {
    terminal.say(`\n  ${bold(printable(name))}${factsOf(provision)}  ${dim(plugin ?? 'registered singly')}`);
    const required = requiredOptions(provision);
    const rows = Object.entries(optionSchemas(provision)).map(([option, schema]) => [
      `  --${kind}.${kebab(option)}`,
      required.includes(option) ? 'required' : schema.default === undefined ? '–' : flagText(schema.default),
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
    ...(provision.kind === 'loss'
      ? { tasks: tasksOf(provision), inputs: provision.inputs, output: provision.output }
      : {}),
    ...(provision.kind === 'schedule' ? { interval: provision.interval } : {}),
    ...(provision.kind === 'metric'
      ? { tasks: [provision.task].flat(), higherIsBetter: provision.higherIsBetter }
      : {}),
    required: requiredOptions(provision),
    options: Object.fromEntries(
      Object.entries(optionSchemas(provision)).map(([option, schema]) => [
        option,
        { flag: `--${provision.kind}.${kebab(option)}`, ...schema },
      ]),
    ),
  };
}
