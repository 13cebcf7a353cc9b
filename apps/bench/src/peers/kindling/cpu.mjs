import { cpu } from '@kindling/cpu-backend';
import { kindlingOn } from './runners.mjs';

export async function open({ relaxed, threads }) {
  return {
    name: 'Kindling',
    package: '@kindling/core',
    make: kindlingOn(await cpu({ relaxedSimd: relaxed, threads })),
  };
}
