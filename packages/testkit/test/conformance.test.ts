import { describe, it } from 'vitest';
import { conformance, referenceBackend } from '../src/index.js';

describe('the reference backend conforms', () => {
  for (const { name, run } of conformance('reference', () => Promise.resolve(referenceBackend()), { expressions: 20 }))
    it(name, run);
});
