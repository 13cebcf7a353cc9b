import { servePage } from './serve.mjs';

const flags = ['--enable-unsafe-webgpu', '--no-sandbox', '--disable-quic', '--no-first-run', '--disable-background-networking', '--disable-component-update', '--disable-sync']; // prettier-ignore

/** What the page reports in headless Chromium. */
export async function measureInChromium(given, log) {
  const { measuring, close } = await servePage();
  const closing = [close];
  try {
    const { chromium } = await import('playwright-core');
    const browser = await chromium.launch({
      executablePath: process.env.CHROMIUM ?? '/usr/bin/chromium',
      headless: true,
      args: flags,
    });
    closing.unshift(() => browser.close());
    const page = await browser.newPage();
    page.on('console', (message) => {
      if (message.type() === 'info') log(message.text());
    });
    await page.goto(measuring(given));
    const report = await page.evaluate('globalThis.report').catch((error) => {
      throw new Error(error.message.split('\n')[0]); // without a stack of bundled files
    });
    return { ...report, browser: `Chromium ${browser.version()}` };
  } finally {
    for (const close of closing) await close();
  }
}
