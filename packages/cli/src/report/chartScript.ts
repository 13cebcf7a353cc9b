/** Draws the page's curves with uPlot, in the colours of the theme, as wide as their place; again when either changes. */
export const chartScript = `
(() => {
  const drawn = [];
  const color = (name) => getComputedStyle(document.documentElement).getPropertyValue(name).trim();
  function draw() {
    for (const u of drawn.splice(0)) u.destroy();
    for (const place of document.querySelectorAll('.chart')) {
      const d = JSON.parse(document.getElementById(place.dataset.source).textContent);
      const axis = { stroke: color('--soft'), grid: { stroke: color('--grid'), width: 1 }, ticks: { stroke: color('--line'), width: 1 }, font: '12px system-ui' };
      const short = (v) => v == null ? '–' : String(+v.toPrecision(4));
      const ticks = (_u, splits) => splits.map((v) => v == null ? '' : short(v));
      drawn.push(new uPlot({
        width: Math.max(260, place.clientWidth), height: 260,
        scales: { x: { time: false, distr: d.logX ? 3 : 1 }, y: { distr: d.logY ? 3 : 1, range: d.logY ? undefined : (u, lo, hi) => lo == null ? [0, 1] : lo === hi ? [lo - (Math.abs(lo) || 1) * 0.1, hi + (Math.abs(hi) || 1) * 0.1] : uPlot.rangeNum(lo, hi, 0.08, false) } },
        axes: [ { ...axis, label: d.xLabel, labelSize: 20, labelFont: '12px system-ui', values: ticks }, { ...axis, size: 62, label: d.yLabel, labelSize: 18, labelFont: '12px system-ui', values: ticks } ],
        legend: { live: true },
        cursor: { focus: { prox: 24 } },
        focus: { alpha: 0.35 },
        series: [ { label: d.xLabel, value: (_u, v) => short(v) }, ...d.series.map((s, i) => ({ label: s.name, stroke: color('--c' + (s.color ?? i) % 8), width: 2, dash: s.dash ? [5, 4] : undefined, spanGaps: true, points: { show: !!d.points, size: 6 }, value: (_u, v) => short(v) })) ],
        hooks: { draw: d.mark == null ? [] : [(u) => { const x = u.valToPos(d.mark, 'x', true); if (!(x >= u.bbox.left && x <= u.bbox.left + u.bbox.width)) return; const c = u.ctx; c.save(); c.strokeStyle = color('--soft'); c.setLineDash([3, 3]); c.beginPath(); c.moveTo(x, u.bbox.top); c.lineTo(x, u.bbox.top + u.bbox.height); c.stroke(); c.restore(); }] },
      }, [d.x, ...d.series.map((s) => s.y)], place));
    }
  }
  draw();
  let later; addEventListener('resize', () => { clearTimeout(later); later = setTimeout(draw, 120); });
  matchMedia('(prefers-color-scheme: dark)').addEventListener('change', draw);
})();
`;
