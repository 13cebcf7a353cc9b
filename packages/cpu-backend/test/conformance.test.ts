import { conformance } from '@kindling/testkit';
import { describe, it } from 'vitest';
import { cpu } from '../src/index.js';

describe('the CPU backend conforms', () => {
  for (const { name, run } of conformance('cpu', () => cpu())) it(name, run);
});
