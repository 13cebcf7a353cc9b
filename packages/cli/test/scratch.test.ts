import { readFileSync } from 'node:fs';
import { test } from 'vitest';
import { kindling } from './harness.js';
test('scratch', async () => {
  for (const line of readFileSync('/tmp/lines.txt', 'utf8').split('\n').filter(Boolean)) {
    const r = await kindling(line.split(' '), { cwd: '/tmp/cliwork' });
    console.log(`$ kindling ${line}  → ${r.code}\n--out\n${r.out}--err\n${r.err}`);
  }
}, 100000);
