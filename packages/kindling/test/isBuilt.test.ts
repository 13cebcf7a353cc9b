import { mkdirSync, mkdtempSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { afterEach, beforeEach, expect, it } from 'vitest';

interface Prepare {
  readonly isBuilt: (repository: URL) => boolean;
}
const { isBuilt } = (await import(new URL('../../../scripts/prepare.mjs', import.meta.url).href)) as Prepare;

let root: string;
const at = (path: string, minute: number): void => {
  mkdirSync(dirname(join(root, path)), { recursive: true });
  writeFileSync(join(root, path), '');
  utimesSync(join(root, path), minute * 60, minute * 60);
};
const built = (): boolean => isBuilt(pathToFileURL(`${root}/`));

beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'kindling-built-'));
  for (const path of ['pnpm-lock.yaml', 'tsup.preset.ts', 'tsconfig.base.json']) at(path, 1);
  for (const path of ['package.json', 'src/index.ts', 'src/deep/a.ts', 'dist/index.js']) at(`packages/core/${path}`, 2);
  for (const folder of ['src/deep', 'src']) utimesSync(join(root, 'packages/core', folder), 120, 120);
  at('node_modules/.kindling-built', 3);
});
afterEach(() => rmSync(root, { recursive: true }));

it('a build serves as long as nothing is newer that it was made from', () => {
  expect(built()).toBe(true);
  at('packages/core/dist/index.js', 4);
  at('packages/gone/node_modules/x', 4);
  expect(built()).toBe(true);
});

it.each(['packages/core/src/deep/a.ts', 'packages/core/package.json', 'pnpm-lock.yaml', 'tsup.preset.ts'])(
  'where %s is newer, it does not',
  (path) => {
    at(path, 4);
    expect(built()).toBe(false);
  },
);

it('nor where a source has gone, the build has, or there has been none', () => {
  const [source, dist, stamp] = ['packages/core/src/deep/a.ts', 'packages/core/dist', 'node_modules/.kindling-built'];
  for (const path of [source, dist, stamp]) {
    expect(built()).toBe(true);
    rmSync(join(root, path), { recursive: true });
    expect(built()).toBe(false);
    at(path === dist ? `${dist}/index.js` : path, path === stamp ? 3 : 2);
    for (const folder of ['src/deep', 'src']) utimesSync(join(root, 'packages/core', folder), 120, 120);
  }
});
