import { readFileSync } from 'node:fs';
import { describe, expect, test, vi } from 'vitest';

// Every block of TypeScript in the README is a file of examples/readme, and the text after it is what the file prints.
const root = new URL('../', import.meta.url);
const read = (path: string): string => readFileSync(new URL(path, root), 'utf8');
const blocks = [...read('README.md').matchAll(/```ts\n\/\/ (\S+)\n([\s\S]*?)```\n\n```text\n([\s\S]*?)```/g)];

describe('the README', () => {
  test('names the file of each block of TypeScript, and shows what it prints', () => {
    expect(blocks.length).toBeGreaterThan(0);
    expect(blocks.length).toBe(read('README.md').match(/```ts/g)?.length);
  });
  for (const [, path, code, output] of blocks)
    test(`shows ${path}, which prints what the README says`, async () => {
      expect(code.trim()).toBe(read(path).trim());
      const log = vi.spyOn(console, 'log').mockImplementation(() => {});
      try {
        await import(new URL(path, root).pathname);
        expect(log.mock.calls.map((call) => call.join(' ')).join('\n')).toBe(output.trim());
      } finally {
        log.mockRestore();
      }
    });
});
