import { existsSync } from 'node:fs';
import { expect, test } from 'vitest';
import { chromiumPath } from './chromiumPath.js';

// the others run in Chromium only where it is
test('Chromium', ({ skip }) => {
  if (!existsSync(chromiumPath)) skip(`needs chromium: there is no ${chromiumPath}`);
  expect(existsSync(chromiumPath)).toBe(true);
});
