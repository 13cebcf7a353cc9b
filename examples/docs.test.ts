import { readdirSync, readFileSync } from 'node:fs';
import { describe, expect, test, vi } from 'vitest';

// A block of TypeScript that begins with `// examples/…` is that file. The text that follows it is part of what the
// file prints; a line of `…` stands for what is left out.
const root = new URL('../', import.meta.url);
const read = (path: string): string => readFileSync(new URL(path, root), 'utf8');
const pages = ['README.md', ...readdirSync(new URL('docs', root)).flatMap((f) => (f.endsWith('.md') ? [`docs/${f}`] : []))]; // prettier-ignore

for (const page of pages) {
  const text = read(page);
  const blocks = [...text.matchAll(/```ts\n\/\/ (examples\/\S+)\n([\s\S]*?)```/g)];
  if (blocks.length === 0 && page !== 'README.md') continue;
  describe(page, () => {
    if (page === 'README.md')
      test('every block of TypeScript in it is an example that runs', () => {
        expect(blocks.length).toBeGreaterThan(0);
        expect(text.match(/```ts/g)?.length).toBe(blocks.length);
      });
    for (const [block, path, code] of blocks)
      test(`shows ${path}, which prints what the page says`, async () => {
        expect(code.trim(), `the block in ${page} and the file must be the same`).toBe(read(path).trim());
        const log = vi.spyOn(console, 'log').mockImplementation(() => {});
        try {
          await import(new URL(path, root).pathname);
          const printed = log.mock.calls.map((call) => call.join(' ')).join('\n');
          // up to the next example
          const after = text.slice(text.indexOf(block) + block.length).split('```ts\n// examples/')[0];
          for (const [, excerpt] of after.matchAll(/```text\n([\s\S]*?)```/g))
            for (const piece of excerpt.split(/^ *…\n/m)) expect(printed).toContain(piece.trimEnd());
        } finally {
          log.mockRestore();
        }
      });
  });
}

// The example of a package's README is the file examples/packages/<package>.ts.
describe('READMEs of packages', () => {
  for (const file of readdirSync(new URL('examples/packages', root)))
    test(`show ${file}, which runs`, async () => {
      const path = `examples/packages/${file}`;
      expect(read(`packages/${file.replace('.ts', '')}/README.md`)).toContain(`\`\`\`ts\n${read(path)}\`\`\`\n`);
      const log = vi.spyOn(console, 'log').mockImplementation(() => {});
      try {
        await import(new URL(path, root).pathname);
        expect(log).toHaveBeenCalled();
      } finally {
        log.mockRestore();
      }
    });
});
