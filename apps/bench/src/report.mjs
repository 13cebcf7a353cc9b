const time = (ms) => (ms >= 10 ? ms.toFixed(1) : ms >= 0.1 ? ms.toFixed(2) : ms.toFixed(4));

const perSecond = (amount, { median }) => (amount / median / 1e6).toFixed(1);

/** Kindling on as many threads: what a peer is compared with. */
const besideOf = (peers, peer) => peers.find((p) => p.name.startsWith('Kindling') && p.threads === peer.threads) ?? peers[0]; // prettier-ignore

/** Rows of a table: a work, and for each library its time, its rate, and how many times as long as Kindling it takes. */
export function rows({ peers, results, clock }) {
  const header = [`work (ms${clock === 'cpu' ? ' of CPU time' : ''}, median ± half the quartile distance)`, ...peers.map((p) => p.name)]; // prettier-ignore
  const body = results.map(({ title, flop, bytes, times }) => {
    const cell = (peer) => {
      const t = times[peer.name];
      if (t === undefined) return '–';
      const beside = besideOf(peers, peer);
      const own = times[(beside === peer ? peers[0] : beside).name] ?? times[peers[0].name];
      const rate = flop !== undefined ? ` ${perSecond(flop, t)} GFLOP/s` : bytes !== undefined ? ` ${perSecond(bytes, t)} GB/s` : ''; // prettier-ignore
      const ratio = peer === peers[0] ? '' : ` (${(t.median / own.median).toFixed(2)} ×)`;
      return `${time(t.median)} ± ${(t.spread * 100).toFixed(0)} %${rate}${ratio}`;
    };
    return [title, ...peers.map(cell)];
  });
  return [header, ...body];
}

/** On what and how the numbers were measured, and why some are missing. */
export function provenance({ machine, date, adapter, browser, peers, results, others, threads, relaxed, revectorize }) {
  const used = threads.length === 1 ? 'one thread' : `one thread unless said`;
  const parts = [
    date.slice(0, 10),
    [machine.cpu, `${machine.cores} cores`, machine.system, browser ?? `Node ${machine.node}`]
      .filter(Boolean)
      .join(', '),
    adapter === undefined ? used : `${adapter.name}, which copies ${adapter.copyRate.toFixed(1)} GB/s`,
    ...(relaxed ? ['with --relaxed'] : []),
    ...(revectorize ? ['with --revectorize'] : []),
    [...new Set(peers.map((p) => `${p.name.split(',')[0]} ${p.version}`))].join(', '),
    ...(others === undefined ? [] : [`other processes used ${others.toFixed(2)} cores meanwhile`]),
  ];
  const limits = (kind, unit) =>
    results.filter((r) => r.limit && r[kind] !== undefined).map((r) => `${perSecond(r[kind], r.limit)} ${unit} beside ${r.name}`); // prettier-ignore
  const [copies, products] = [limits('bytes', 'GB/s'), limits('flop', 'GFLOP/s')];
  return [
    `${parts.join('; ')}.`,
    'In brackets: how many times as long as Kindling on as many threads; for more threads of Kindling, as one.',
    ...(copies.length === 0 ? [] : [`Copies of as many bytes, one thread: ${copies.join(', ')}.`]),
    ...(products.length === 0
      ? []
      : [`Multiplications and additions in registers, one thread: ${products.join(', ')}.`]),
    ...skips(results),
  ].join(' ');
}

/** Why there are dashes in the table. */
function skips(results) {
  const reasons = new Map();
  for (const { name, skipped = {} } of results)
    for (const [who, reason] of Object.entries(skipped)) {
      const key = `${who} (${reason})`;
      reasons.set(key, [...(reasons.get(key) ?? []), name]);
    }
  const list = [...reasons].map(([key, names]) => `${key}: ${names.join(', ')}`);
  return list.length === 0 ? [] : [`Skipped: ${list.join('; ')}.`];
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
