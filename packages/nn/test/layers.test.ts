import { cpu } from '@kindling/cpu-backend';
import { referenceBackend } from '@kindling/testkit';
import { layerSuite } from './layerSuite.js';

layerSuite('the reference', () => Promise.resolve(referenceBackend()));
layerSuite('the CPU', () => cpu());
