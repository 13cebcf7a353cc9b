import { referenceBackend } from '@kindling/testkit';
import { clippingSuite } from './clippingSuite.js';
import { lbfgsSuite } from './lbfgsSuite.js';
import { trajectorySuite } from './trajectorySuite.js';

const open = () => Promise.resolve(referenceBackend());
trajectorySuite('the graph evaluator', open);
clippingSuite('the graph evaluator', open);
lbfgsSuite('the graph evaluator', open);
