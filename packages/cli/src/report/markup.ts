/** HTML that may be put into a page as it is. */
export class Markup {
  constructor(readonly text: string) {}
}

const entities: Readonly<Record<string, string>> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;', "'": '&#39;' }; // prettier-ignore

export function escaped(text: string): string {
  // eslint-disable-next-line no-control-regex
  return text.replace(/[\u0000-\u0008\u000b\u000c\u000e-\u001f]/g, '\ufffd').replace(/[&<>"']/g, (c) => entities[c]);
}

type Part = Markup | string | number | undefined | false | readonly Part[];

function text(part: Part): string {
  if (part instanceof Markup) return part.text;
  if (typeof part === 'object') return part.map(text).join('');
  return part === undefined || part === false ? '' : escaped(String(part));
}

/** A template whose values are escaped unless they are markup: names of columns and classes come from files. */
export function html(strings: TemplateStringsArray, ...parts: Part[]): Markup {
  return new Markup(strings.reduce((out, s, i) => out + text(parts[i - 1]) + s));
}

/** Data for the page's script; no text in it can end the script element. */
export function jsonScript(id: string, data: unknown): Markup {
  const json = JSON.stringify(data, (_key, v: unknown) => (typeof v === 'number' && !Number.isFinite(v) ? null : v));
  return new Markup(`<script type="application/json" id="${escaped(id)}">${json.replace(/</g, '\\u003c')}</script>`);
}
