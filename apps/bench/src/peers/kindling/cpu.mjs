import { cpu } from '@kindling/cpu-backend';
import { kindlingOn } from './runners.mjs';

export async function open({ relaxed, revectorize, threads }) {
  return Promise.all(
    threads.map(async (count) => ({
      name: count === 1 ? 'Kindling' : `Kindling, ${count} threads`,
      module: import.meta.url,
      package: '@kindling/core',
      threads: count,
      make: kindlingOn(await cpu({ relaxedSimd: relaxed, revectorize, threads: count })),
    })),
  );
}
