import { cpu } from '@kindling/cpu-backend';
import { referenceBackend } from '@kindling/testkit';
import { convolutionSuite } from './convolutionSuite.js';

convolutionSuite('the reference', () => Promise.resolve(referenceBackend()));
convolutionSuite('the CPU', () => cpu());
