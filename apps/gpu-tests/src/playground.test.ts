// The playground in Chromium, as somebody uses it. It needs no GPU.
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Browser, chromium, type Page } from 'playwright-core';
import { build, preview, type PreviewServer } from 'vite';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import root from '../../../vitest.config.js';
import { chromiumPath } from './chromiumPath.js';

const there = existsSync(chromiumPath);
let browser: Browser;
let server: PreviewServer;
let outDir: string;
let page: Page;
let errors: string[];
beforeAll(async () => {
  if (!there) return;
  const app = new URL('../../playground/', import.meta.url).pathname;
  outDir = mkdtempSync(join(tmpdir(), 'kindling-playground-'));
  const options = { root: app, logLevel: 'error', build: { outDir, emptyOutDir: true } } as const;
  await build({ ...options, resolve: root.resolve ?? {} });
  server = await preview({ ...options, preview: { host: '127.0.0.1', port: 0 } });
  browser = await chromium.launch({ executablePath: chromiumPath, args: ['--no-sandbox', '--disable-quic', '--no-first-run'] }); // prettier-ignore
});
afterAll(async () => {
  if (!there) return;
  await browser?.close();
  await server?.close();
  rmSync(outDir, { recursive: true, force: true });
});
beforeEach(async ({ skip }) => {
  skip(!there, `needs chromium: there is no ${chromiumPath}`);
  errors = [];
  page = await browser.newPage();
  page.on('pageerror', ({ message }) => errors.push(message));
  await page.goto(server.resolvedUrls!.local[0]);
  await status(/^Ready/);
});
afterEach(async () => {
  await page?.close();
});

/** Waits until the page says this, or that something is wrong. */
async function status(wanted: RegExp): Promise<string> {
  const line = page.locator('#status');
  await page.locator('#status', { hasText: wanted }).or(page.locator('#status.error')).waitFor({ timeout: 60_000 });
  return (await line.textContent()) ?? '';
}
const names = (id: string): Promise<string[]> => page.locator(`#${id} option`).allTextContents();
async function train(): Promise<string> {
  await page.click('#train'); // at once, it says that it starts
  return status(/that it has not seen/);
}

describe('the playground', () => {
  it('trains with the schedule, and measures with the metric and its options, that were picked', async () => {
    await page.fill('#epochs', '12');
    await page.selectOption('#schedule', 'multiStepLR');
    await page.fill('#schedule-options [name=milestones]', '4, 8');
    await page.selectOption('#metric', 'fBeta');
    await page.fill('#metric-options [name=beta]', '2');
    expect(await train()).toMatch(/^12 epochs .* On 69 rows/);
    expect(await page.locator('#scores dt').allTextContents()).toEqual(['fBeta', 'loss']);
    expect(Number(await page.locator('#scores dd').first().textContent())).toBeGreaterThan(0.3);
    expect(await page.locator('.u-legend').textContent()).toMatch(/fBeta/);
    expect(errors).toEqual([]);
  });

  it('offers what fits the table, and asks for what must be given', async () => {
    expect(await names('metric')).toContain('accuracy');
    expect(await names('metric')).not.toContain('confusionMatrix');
    expect(await names('schedule')).not.toContain('lambdaLR');
    await page.selectOption('#table', 'cars');
    await page.locator('#summary', { hasText: 'regression' }).waitFor();
    expect(await page.inputValue('#metric')).toBe('r2');
    expect(await names('metric')).not.toContain('accuracy');
    await page.selectOption('#schedule', 'stepLR');
    const size = page.locator('#schedule-options [name=stepSize]');
    expect(await size.evaluate((input: HTMLInputElement) => input.validity.valid)).toBe(false);
    await size.fill('5');
    await page.fill('#epochs', '10');
    expect(await train()).toMatch(/^10 epochs/);
    expect(errors).toEqual([]);
  });

  it('reads a file of one’s own, and says what is wrong with it', async () => {
    const rows = (row: (i: number) => string): string => Array.from({ length: 60 }, (_, i) => row(i)).join('');
    const own = (name: string, text: string): Promise<void> => page.setInputFiles('#file', { name, mimeType: 'text/csv', buffer: Buffer.from(text) }); // prettier-ignore
    const summary = (hasText: RegExp): Promise<void> => page.locator('#summary', { hasText }).waitFor();
    await own('own.csv', `name,"size, cm",kind\n${rows((i) => `"n, ""${i}""",${i % 7}.5,${'ab'[i % 2]}\n`)}`);
    await summary(/^60 rows, 1 feature: classification of a, b\s*Column 'name' is left out: .* identifier/);
    expect(await names('target')).toEqual(['name', 'size, cm', 'kind']);
    expect(await names('table')).toEqual(['own.csv', expect.stringMatching('penguins'), ...(await names('table')).slice(2)]); // prettier-ignore
    await page.fill('#epochs', '3');
    expect(await train()).toMatch(/^3 epochs .* On 12 rows/);
    await page.selectOption('#table', 'penguins');
    await summary(/^344 rows/);
    await page.selectOption('#table', { label: 'own.csv' });
    await summary(/^60 rows/);

    await own('german.csv', `x;y\n${rows((i) => `${i};${i},5\n`)}`);
    await page.locator('#status', { hasText: /^The target 'y' .* such as '0,5'/ }).waitFor();
    expect(await page.isDisabled('#train')).toBe(true);
    await page.check('#comma');
    await summary(/^60 rows, 1 feature: regression$/);
    expect(await page.isDisabled('#train')).toBe(false);
    await own('short.csv', 'a,b\n1,2\n3\n');
    await page.locator('#status', { hasText: /^short\.csv, line 3: 1 cell, but the header has 2/ }).waitFor();
    expect(errors).toEqual([]);
  });

  it('fits a phone, and brings results into view', async () => {
    await page.setViewportSize({ width: 360, height: 640 });
    await page.fill('#epochs', '3');
    await train();
    const excess = (): Promise<number> => page.evaluate(() => document.documentElement.scrollWidth - innerWidth);
    expect(await excess()).toBe(0);
    const box = (await page.locator('#status').boundingBox())!;
    expect(box.y).toBeGreaterThanOrEqual(0);
    expect(box.y).toBeLessThan(320);
    await page.setViewportSize({ width: 320, height: 640 }); // the chart follows
    await expect.poll(excess).toBe(0);
  });

  it('says beside the prediction what is wrong with a value', async () => {
    await page.fill('#epochs', '3');
    const done = await train();
    await page.fill('#features [name=bill_length_mm]', 'long');
    await page.locator('#prediction', { hasText: "'bill_length_mm' must be a number or null, got 'long'" }).waitFor();
    await page.fill('#features [name=bill_length_mm]', '39');
    await page.locator('#prediction', { hasText: '→' }).waitFor();
    expect(await status(/./)).toBe(done);
  });

  it('says what is wrong with an option', async () => {
    await page.fill('#optimizer-options [name=lr]', '-1');
    expect(await train()).toMatch(/lr must be at least 0, got -1/);
  });
});
