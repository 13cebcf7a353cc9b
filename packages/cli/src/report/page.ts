import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { chartScript } from './chartScript.js';
import { escaped, Markup } from './markup.js';
import { style } from './style.js';

/** A page that needs nothing but itself: style, scripts and data are inside. */
export async function page(title: string, body: Markup): Promise<string> {
  const require = createRequire(import.meta.url);
  const [script, chartStyle] = await Promise.all(
    ['uplot/dist/uPlot.iife.min.js', 'uplot/dist/uPlot.min.css'].map((id) => readFile(require.resolve(id), 'utf8')),
  );
  // the policy holds the page to its word: it cannot load or send anything
  const policy = "default-src 'none'; style-src 'unsafe-inline'; script-src 'unsafe-inline'; img-src data:";
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="${policy}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>${escaped(title)}</title>
<style>${chartStyle}${style}</style>
</head>
<body>
<main>
${body.text}
</main>
<script>${script.replace(/<\/script/gi, '<\\/script')}</script>
<script>${chartScript}</script>
</body>
</html>
`;
}
