import type { Table } from '@kindling/data';
import { count, plural, shown } from '../console/numbers.js';
import type { Context } from '../context.js';
import { html, type Markup } from './markup.js';

/** What every report says of its table. */
export function dataSection(table: Table): Markup {
  const columns = table.describe();
  const rows = columns.map((c) => {
    const facts = c.reason ?? (c.top !== undefined ? c.top.map(({ value, count: n }) => `${value} (${n})`).join(', ') : c.mean === undefined ? '' : `${shown(c.min!)} … ${shown(c.mean)} … ${shown(c.max!)}`); // prettier-ignore
    return html`<tr>
      <td>${c.name}</td>
      <td>${c.role}</td>
      <td>${c.kind ?? '–'}</td>
      <td class="n">${c.role === 'dropped' ? '–' : c.missing}</td>
      <td class="n">${c.role === 'dropped' ? '–' : c.distinct}</td>
      <td>${facts}</td>
    </tr>`;
  });
  return html`<h2>The data</h2>
    <p>${plural(table.rows, 'row')}, ${plural(table.columns.length, 'column')} to learn from, target ${table.target.name} (${table.task}${table.classes.length > 0 && `, ${table.classes.length} classes`}).</p>
    ${table.warnings.length > 0 && html`<ul>${table.warnings.map((w) => html`<li>${w}</li>`)}</ul>`}
    <div class="panel"><table><tr><th>column</th><th>role</th><th>kind</th><th class="n">missing</th><th class="n">distinct</th><th>least … mean … greatest, or the most frequent</th></tr>${rows}</table></div>`; // prettier-ignore
}

export function settingsSection(settings: Readonly<Record<string, unknown>>): Markup {
  const rows = Object.entries(settings)
    .filter(([, value]) => value !== undefined)
    .map(
      ([name, value]) =>
        html`<tr>
          <td>${name}</td>
          <td><code>${text(value)}</code></td>
        </tr>`,
    );
  return html`<h2>Settings</h2>
    <div class="panel">
      <table>
        ${rows}
      </table>
    </div>`;
}

function text(value: unknown): string {
  if (Array.isArray(value)) return value.length === 0 ? 'none' : value.map(String).join(', ');
  if (typeof value !== 'object' || value === null) return String(value);
  const entries = Object.entries(value);
  return entries.length === 0 ? 'defaults' : entries.map(([k, v]) => `${k} ${JSON.stringify(v)}`).join(', ');
}

export function commandSection(command: string, note = ''): Markup {
  return html`<h2>Run it again</h2>
    <pre>${command}</pre>
    ${note !== '' && html`<p class="soft">${note}</p>`}`;
}

export function packagesSection({ packages, version }: Context): Markup {
  const rows = Object.entries(packages).map(
    ([name, v]) =>
      html`<tr>
        <td>${name}</td>
        <td>${v}</td>
      </tr>`,
  );
  return html`<details><summary>Packages (${count(rows.length)})</summary><div class="panel"><table>${rows}<tr><td>node</td><td>${process.version}</td></tr></table></div></details>
    <footer>Written by kindling ${version}.</footer>`; // prettier-ignore
}
