import { referenceBackend } from '@kindling/testkit';
import { admissionSuite } from './admissionSuite.js';
import { behaviourSuite } from './behaviourSuite.js';
import { goldenSuite } from './goldenSuite.js';
import { severalSuite } from './severalSuite.js';

const open = () => Promise.resolve(referenceBackend());
goldenSuite('the graph evaluator', open);
behaviourSuite('the graph evaluator', open);
severalSuite('the graph evaluator', 'float64', open);
admissionSuite('the graph evaluator', open);
