import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { curves, span } from '../src/report/charts.js';
import { html } from '../src/report/markup.js';
import { data, folder, kindling } from './harness.js';

async function reportOf(argv: readonly string[], cwd = folder()): Promise<string> {
  const { code, err } = await kindling([...argv, '--out', 'm'], { cwd });
  expect(err).not.toMatch(/error/);
  expect(code).toBe(0);
  return readFileSync(join(cwd, 'm/report.html'), 'utf8');
}

describe('the report', () => {
  it('of a classifier has curves, confusion, importance, data, settings, versions and the command', async () => {
    const page = await reportOf(['train', data('penguins'), '--target', 'species', '--epochs', '3', '--hidden', '8', '--folds', '2', '--test', '0.2']); // prettier-ignore
    for (const part of [
      'id="losses-data"',
      'id="metrics-data"',
      'Confusion matrix',
      'Permutation importance',
      'Cross-validation',
      'bill_length_mm',
      'body_mass_g',
      '<td>hidden</td><td><code>8</code>',
      '<td>kindling</td><td>1.2.3</td>',
      '--target species --hidden 8 --epochs 3 --test 0.2 --folds 2',
    ])
      // prettier-ignore
      expect(page.replace(/>\s+</g, '><')).toContain(part);
  });

  it('of a regression has residuals', async () => {
    const page = await reportOf(['train', data('diabetes'), '--target', 'progression', '--epochs', '3']);
    expect(page).toContain('Predicted and actual');
    expect(page).toContain('<circle class="dot"');
    expect(page).not.toContain('Confusion');
  });

  it('needs nothing but itself', async () => {
    const page = await reportOf(['train', data('iris'), '--target', 'species', '--epochs', '1']);
    expect(page).not.toMatch(/<(link|img|iframe|script[^>]* src)/);
    expect(page).not.toMatch(/@import|url\(/);
    expect(page).toContain("default-src 'none'");
    expect(page).toContain('prefers-color-scheme: dark');
  });

  it('shows names from files as text, never as markup', async () => {
    const cwd = folder();
    const evil = '<img src=x onerror=alert(1)>';
    const end = '</script><script>alert(2)</script>';
    const rows = Array.from({ length: 60 }, (_, i) => `${i % 7},"${i % 2 === 0 ? evil : end}","${i % 3 === 0 ? end : 'b&b'}"`); // prettier-ignore
    mkdirSync(join(cwd, 'a<b>'));
    writeFileSync(join(cwd, 'a<b>', 'd.csv'), `"${evil}","${end}",target\n${rows.join('\n')}\n`);
    const page = await reportOf(['train', 'a<b>/d.csv', '--target', 'target', '--epochs', '1'], cwd);
    expect(page).not.toContain('<img');
    expect(page).not.toContain('alert(2)</script>');
    expect(page).not.toContain('a<b>');
    expect(page).toContain('&lt;img src=x onerror=alert(1)&gt;');
    expect(page.match(/<script/g)).toHaveLength(page.match(/<\/script>/g)!.length);
    const compared = await kindling(['compare', 'a<b>/d.csv', '--target', 'target', '--steps', '5', '--folds', '2', '--lr', 'default', '--optimizers', 'adam', '--report', 'r.html'], { cwd }); // prettier-ignore
    expect(compared.code).toBe(0);
    const other = readFileSync(join(cwd, 'r.html'), 'utf8');
    expect(other).not.toContain('<img');
    expect(other).not.toContain('alert(2)</script>');
  });
});

describe('its parts', () => {
  it('escape', () => {
    const control = String.fromCharCode(0);
    const { text } = html`<p title="${'"&' + "'"}">${'<b>'}${[html`<i>${1}</i>`, undefined, false]}${control}</p>`;
    expect(text).toBe('<p title="&quot;&amp;&#39;">&lt;b&gt;<i>1</i>\ufffd</p>');
  });
  it('hold data that cannot end their script, and no NaN', () => {
    const { text } = curves({ id: 'x', title: 't', xLabel: 'x', x: [1, NaN], series: [{ name: '</script>', y: [Infinity, undefined] }] }); // prettier-ignore
    const json = /<script[^>]*>(.*)<\/script>/s.exec(text)![1];
    expect(json).not.toContain('</');
    expect(JSON.parse(json)).toMatchObject({ x: [1, null], series: [{ name: '</script>', y: [null, null] }] });
  });
  it('have a range for any numbers', () => {
    expect(span([])).toEqual([0, 1]);
    expect(span([5, 5])).toEqual([4.5, 5.5]);
    expect(span([0, 0, NaN])).toEqual([-1, 1]);
  });
});
