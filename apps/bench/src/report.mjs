const time = (ms) => (ms >= 10 ? ms.toFixed(1) : ms >= 0.1 ? ms.toFixed(2) : ms.toFixed(4));

const perSecond = (amount, { median }) => (amount / median / 1e6).toFixed(1);

/** Rows of a table: a work, the time of each library, and how often faster the first is than the others. */
function rows({ peers, results, clock }) {
  const [own, ...others] = peers.map((p) => p.name);
  const header = [`work (ms${clock === 'cpu' ? ' of CPU time' : ''}, median ± half the quartile distance)`, ...peers.map((p) => p.name), ...others.map((o) => `faster than ${o}`)]; // prettier-ignore
  const body = results.map(({ title, flop, bytes, times }) => {
    const cell = (name) => {
      const t = times[name];
      if (t === undefined) return '–';
      const rate =
        flop !== undefined ? ` (${perSecond(flop, t)} GFLOP/s)` : bytes !== undefined ? ` (${perSecond(bytes, t)} GB/s)` : ''; // prettier-ignore
      return `${time(t.median)} ± ${(t.spread * 100).toFixed(0)} %${rate}`;
    };
    const ratio = (name) =>
      times[name] === undefined ? '–' : `${(times[name].median / times[own].median).toFixed(2)} ×`;
    return [title, ...peers.map((p) => cell(p.name)), ...others.map(ratio)];
  });
  return [header, ...body];
}

function provenance({ machine, date, adapter, browser, peers, others, threads }) {
  const used = threads === 1 ? 'one thread' : `${threads || machine.cores} threads for Kindling, one for others`;
  const parts = [
    `${date.slice(0, 10)}; ${machine.cpu}, ${machine.cores} cores, ${machine.system}, ${browser ?? `Node ${machine.node}`}`,
    adapter === undefined ? used : `${adapter.name}, which copies ${adapter.copyRate.toFixed(1)} GB/s`,
    peers.map((p) => `${p.name} ${p.version}`).join(', '),
    ...(others === undefined ? [] : [`other processes used ${others.toFixed(2)} cores meanwhile`]),
  ];
  return `${parts.join('; ')}.`;
}

export function textTable(report) {
  const table = rows(report);
  const widths = table[0].map((_, c) => Math.max(...table.map((r) => r[c].length)));
  const lines = table.map((r) => r.map((cell, c) => (c === 0 ? cell.padEnd(widths[c]) : cell.padStart(widths[c]))).join('  ')); // prettier-ignore
  lines.splice(1, 0, widths.map((w) => '─'.repeat(w)).join('  '));
  return `${lines.join('\n')}\n\n${provenance(report)}`;
}

export function markdownTable(report) {
  const table = rows(report);
  const line = (cells) => `| ${cells.join(' | ')} |`;
  const alignment = table[0].map((_, c) => (c === 0 ? '---' : '---:'));
  return `${[line(table[0]), line(alignment), ...table.slice(1).map(line)].join('\n')}\n\n${provenance(report)}`;
}
