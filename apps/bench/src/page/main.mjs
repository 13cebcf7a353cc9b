import { provenance, rows, markdownTable } from '../report.mjs';
import { reportOf } from '../reportOf.mjs';
import { threadCounts } from '../settings.mjs';
import { works } from '../works/index.mjs';
import { browserName } from './browserName.mjs';
import './style.css';

const element = (selector) => document.querySelector(selector);

// the form's fields are the query: sending it loads the page anew, which then measures
const query = new URLSearchParams(location.search);
const backend = query.get('backend') ?? 'cpu';
element(`[name=backend][value=${backend === 'webgpu' ? 'webgpu' : 'cpu'}]`).checked = true;
for (const name of ['rounds', 'threads']) if (query.has(name)) element(`[name=${name}]`).value = query.get(name);
element('[name=tune]').checked = query.has('tune');
showWorks();
for (const field of document.querySelectorAll('[name=backend]')) field.addEventListener('change', showWorks);

function showWorks() {
  const onGpu = element('[name=backend][value=webgpu]').checked;
  const names = Object.keys(onGpu ? { ...works.softwareGpu, ...works.gpu } : works.cpu);
  const boxes = names.map((name) => {
    const label = document.createElement('label');
    const box = document.createElement('input');
    Object.assign(box, { type: 'checkbox', name: 'only', value: name, checked: query.getAll('only').includes(name) });
    label.append(box, ` ${name}`);
    return label;
  });
  element('#works').replaceChildren(...boxes);
}

/** Shows a line, and lets the page be drawn. */
function log(line) {
  console.info(line);
  const item = document.createElement('li');
  item.textContent = line;
  element('#log').append(item);
  return new Promise((resolve) => setTimeout(resolve));
}

async function measure() {
  const only = query.getAll('only');
  const options = {
    backend,
    place: 'page',
    clock: 'wall',
    threads: globalThis.crossOriginIsolated
      ? threadCounts(Number(query.get('threads')), navigator.hardwareConcurrency)
      : [1],
    rounds: Number(query.get('rounds') ?? 7),
    tune: query.has('tune'),
    names: only.length > 0 ? only : undefined,
  };
  await log(`measuring ${only.length > 0 ? only.join(', ') : 'all works'}; until it is done this page hardly answers`);
  const measureHere = backend === 'webgpu' ? import('./onGpu.mjs') : import('./onCpu.mjs');
  const measured = await (await measureHere).measure(options, log);
  const machine = { cores: navigator.hardwareConcurrency, system: navigator.platform };
  const versionOf = (name) => LIBRARY_VERSIONS[name];
  return reportOf(options, measured, { machine, browser: await browserName(), versionOf });
}

function show(report) {
  const [header, ...body] = rows(report).map((cells) => {
    const row = document.createElement('tr');
    cells.forEach((text, i) => {
      const cell = document.createElement(i === 0 ? 'th' : 'td');
      cell.textContent = text;
      row.append(cell);
    });
    return row;
  });
  const [head, rest] = [document.createElement('thead'), document.createElement('tbody')];
  head.append(header);
  rest.append(...body);
  element('table').replaceChildren(head, rest);
  element('#provenance').textContent = provenance(report);
  element('#markdown').addEventListener('click', () => navigator.clipboard.writeText(markdownTable(report)));
  const json = new Blob([JSON.stringify(report, null, 2)], { type: 'application/json' });
  element('#json').href = URL.createObjectURL(json);
  element('#result').hidden = false;
}

if (query.has('backend')) {
  element('form button').disabled = true;
  const report = (globalThis.report = measure()); // for programs that drive the page
  report
    .then(show, (error) => Object.assign(element('#failure'), { textContent: error.message, hidden: false }))
    .finally(() => (element('form button').disabled = false));
}
