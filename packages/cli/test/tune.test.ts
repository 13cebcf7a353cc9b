import { test } from 'vitest';
import { readFileSync } from 'node:fs';
import { data, kindling, folder } from './harness.js';
test('tune', async () => {
  const sets = [
    ['iris', 'species', 'accuracy'],
    ['penguins', 'species', 'accuracy'],
    ['diabetes', 'progression', 'r2'],
    ['cars', 'miles_per_gallon', 'r2'],
  ];
  for (const line of readFileSync('/tmp/tune.txt', 'utf8').split('\n').filter(Boolean)) {
    const parts: string[] = [];
    for (const [name, target, metric] of sets) {
      const all: number[] = [];
      let secs = 0;
      const ep: number[] = [];
      for (const seed of [0, 1, 2, 3, 4]) {
        const cwd = folder();
        const r = await kindling(
          [
            'train',
            data(name),
            '--target',
            target,
            '--seed',
            String(seed),
            '--json',
            ...line.split(' ').filter(Boolean),
          ],
          { cwd },
        );
        if (r.code !== 0) {
          console.log(r.err);
          return;
        }
        all.push(r.json[metric] as number);
        secs += r.json.seconds as number;
        ep.push(r.json.epochs as number);
      }
      parts.push(
        `${name} ${(all.reduce((a, b) => a + b) / 5).toFixed(4)} [${all.map((x) => x.toFixed(3)).join(' ')}] ep ${ep.join(' ')} ${(secs / 5).toFixed(1)}s`,
      );
    }
    console.log(line + '\n   ' + parts.join('\n   '));
  }
}, 3600000);
