import { shown } from '../console/numbers.js';
import { html, jsonScript, type Markup } from './markup.js';

export interface Series {
  readonly name: string;
  readonly y: readonly (number | null | undefined)[];
  readonly dash?: boolean;
  /** Which of the palette's colours; its position where not given. */
  readonly color?: number;
}

export interface Curves {
  readonly id: string;
  readonly title: string;
  readonly xLabel: string;
  readonly yLabel?: string;
  readonly x: readonly number[];
  readonly series: readonly Series[];
  readonly logX?: boolean;
  readonly logY?: boolean;
  /** Dots at the measured points. */
  readonly points?: boolean;
  /** Where a vertical line stands. */
  readonly mark?: number | undefined;
}

/** Lines over x, drawn by uPlot in the browser. */
export function curves(chart: Curves): Markup {
  const { id, title, xLabel, yLabel = '', x, logX, logY, points, mark } = chart;
  const series = chart.series.map(({ name, y, dash, color }) => ({ name, y: y.map((v) => v ?? null), dash, color }));
  return html`<div class="panel">
    <h3>${title}</h3>
    <div class="chart" id="${id}" data-source="${id}-data"></div>
    ${jsonScript(`${id}-data`, { xLabel, yLabel, x, series, logX, logY, points, mark })}
  </div>`;
}

export interface Bar {
  readonly name: string;
  readonly value: number;
  /** Drawn as a thin line around the end of the bar. */
  readonly spread?: number | undefined;
}

/** Horizontal bars from zero, the longest filling the width. */
export function bars(all: readonly Bar[], title: string): Markup {
  const reach = (b: Bar): number[] => [b.value - (b.spread ?? 0), b.value + (b.spread ?? 0)];
  const low = Math.min(0, ...all.flatMap(reach));
  const high = Math.max(0, ...all.flatMap(reach));
  const at = (v: number): number => (high === low ? 0 : (100 * (v - low)) / (high - low));
  const rows = all.map(({ name, value, spread = 0 }) => {
    const [left, right] = [Math.min(at(0), at(value)), Math.max(at(0), at(value))];
    return html`<tr><td>${name}</td><td style="width:60%"><div class="bar">
      <u style="left:${at(0).toFixed(2)}%"></u><i class="${value < 0 ? 'minus' : ''}" style="left:${left.toFixed(2)}%;width:${(right - left).toFixed(2)}%"></i>
      ${spread > 0 && html`<s style="left:${at(value - spread).toFixed(2)}%;width:${(at(value + spread) - at(value - spread)).toFixed(2)}%"></s>`}
    </div></td><td class="n">${shown(value)}</td></tr>`; // prettier-ignore
  });
  return html`<div class="panel">
    <h3>${title}</h3>
    <table>
      ${rows}
    </table>
  </div>`;
}

/** Rows: what is true; columns: what was predicted. */
export function confusion(classes: readonly string[], counts: readonly (readonly number[])[]): Markup {
  const rows = counts.map((row, i) => {
    const total = row.reduce((a, b) => a + b, 0);
    const cells = row.map((n) => {
      const share = total === 0 ? 0 : n / total;
      return html`<td
        class="cell"
        style="background:rgba(var(--heat),${(share * 0.75).toFixed(3)})"
        title="${`${(100 * share).toFixed(1)} % of the row`}"
      >
        ${n}
      </td>`;
    });
    return html`<tr>
      <th>${classes[i]}</th>
      ${cells}
      <td class="sum n">${total === 0 ? '–' : `${((100 * (row[i] ?? 0)) / total).toFixed(1)} %`}</td>
    </tr>`;
  });
  return html`<div class="panel"><h3>Confusion matrix: rows are true, columns are predicted</h3>
    <table class="matrix"><tr><th></th>${classes.map((c) => html`<th>${c}</th>`)}<th class="n">recall</th></tr>${rows}</table></div>`; // prettier-ignore
}

const [width, height, left, bottom, top, right] = [440, 320, 58, 40, 10, 12];

/** Dots, with the line or level where a perfect model would have them. */
export function scatter(o: {
  readonly title: string;
  readonly xLabel: string;
  readonly yLabel: string;
  readonly x: readonly number[];
  readonly y: readonly number[];
  readonly ideal: 'diagonal' | 'zero';
}): Markup {
  const every = Math.max(1, Math.ceil(o.x.length / 2000)); // more dots than that say no more
  const index = o.x.flatMap((x, i) => (i % every === 0 && Number.isFinite(x) && Number.isFinite(o.y[i]) ? [i] : []));
  const [xs, ys] = [index.map((i) => o.x[i]), index.map((i) => o.y[i])];
  const all = o.ideal === 'diagonal' ? [...xs, ...ys] : xs;
  const xRange = span(all);
  const yRange = o.ideal === 'diagonal' ? xRange : span([...ys, 0]);
  const px = (v: number): string => (left + ((v - xRange[0]) / (xRange[1] - xRange[0])) * (width - left - right)).toFixed(1); // prettier-ignore
  const py = (v: number): string => (height - bottom - ((v - yRange[0]) / (yRange[1] - yRange[0])) * (height - bottom - top)).toFixed(1); // prettier-ignore
  const ideal = o.ideal === 'diagonal' ? [xRange[0], xRange[0], xRange[1], xRange[1]] : [xRange[0], 0, xRange[1], 0];
  return html`<div class="panel"><h3>${o.title}</h3><svg viewBox="0 0 ${width} ${height}" width="100%" role="img" aria-label="${o.title}">
    ${ticks(xRange).map((t) => html`<line class="grid-line" x1="${px(t)}" x2="${px(t)}" y1="${top}" y2="${height - bottom}"/><text x="${px(t)}" y="${height - bottom + 16}" text-anchor="middle">${shown(t)}</text>`)}
    ${ticks(yRange).map((t) => html`<line class="grid-line" x1="${left}" x2="${width - right}" y1="${py(t)}" y2="${py(t)}"/><text x="${left - 6}" y="${Number(py(t)) + 4}" text-anchor="end">${shown(t)}</text>`)}
    <line class="ideal" x1="${px(ideal[0])}" y1="${py(ideal[1])}" x2="${px(ideal[2])}" y2="${py(ideal[3])}"/>
    ${index.map((_, i) => html`<circle class="dot" cx="${px(xs[i])}" cy="${py(ys[i])}" r="3"/>`)}
    <text x="${(left + width - right) / 2}" y="${height - 6}" text-anchor="middle">${o.xLabel}</text>
    <text transform="translate(13 ${(height - bottom) / 2}) rotate(-90)" text-anchor="middle">${o.yLabel}</text>
  </svg></div>`; // prettier-ignore
}

/** A mean with its interval on the common scale of a ranking; the line shows the baseline. */
export function interval(
  value: number,
  [low, high]: readonly [number, number],
  range: readonly [number, number],
  baseline: number | undefined,
): Markup {
  const at = (v: number): number => Math.max(0, Math.min(100, (100 * (v - range[0])) / (range[1] - range[0] || 1)));
  const known = Number.isFinite(low) && Number.isFinite(high);
  return html`<div class="bar" title="${`${shown(value)}${known ? `, 95 % interval ${shown(low)} to ${shown(high)}` : ''}`}">
    ${baseline !== undefined && baseline >= range[0] && baseline <= range[1] && html`<u style="left:${at(baseline).toFixed(2)}%;background:var(--accent)"></u>`}
    ${known && html`<s style="left:${at(low).toFixed(2)}%;width:${(at(high) - at(low)).toFixed(2)}%"></s>`}
    <i style="left:calc(${at(value).toFixed(2)}% - 4px);width:8px;border-radius:4px"></i></div>`; // prettier-ignore
}

/** The common scale of intervals: what they cover, and a little more. */
export function span(values: readonly number[]): [number, number] {
  const finite = values.filter(Number.isFinite);
  if (finite.length === 0) return [0, 1];
  const low = finite.reduce((a, b) => Math.min(a, b), Infinity);
  const high = finite.reduce((a, b) => Math.max(a, b), -Infinity);
  const margin = high > low ? (high - low) * 0.04 : Math.abs(low) * 0.1 || 1;
  return [low - margin, high + margin];
}

/** About five round numbers within a range. */
function ticks([low, high]: readonly [number, number]): number[] {
  const rough = (high - low) / 5;
  const power = 10 ** Math.floor(Math.log10(rough));
  const step = [1, 2, 5, 10].map((m) => m * power).find((s) => s >= rough)!;
  const first = Math.ceil(low / step);
  return Array.from({ length: Math.max(0, Math.floor(high / step) - first + 1) }, (_, i) => Number(((first + i) * step).toPrecision(12))); // prettier-ignore
}
