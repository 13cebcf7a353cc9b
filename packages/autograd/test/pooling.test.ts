import { cpu } from '@kindling/cpu-backend';
import { referenceBackend } from '@kindling/testkit';
import { poolingSuite } from './poolingSuite.js';

poolingSuite('the reference', () => Promise.resolve(referenceBackend()));
poolingSuite('the CPU', () => cpu());
