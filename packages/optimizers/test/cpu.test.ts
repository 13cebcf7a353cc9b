import { cpu } from '@kindling/cpu-backend';
import { clippingSuite } from './clippingSuite.js';
import { lbfgsSuite } from './lbfgsSuite.js';
import { trajectorySuite } from './trajectorySuite.js';

const open = () => cpu();
trajectorySuite('the CPU', open);
clippingSuite('the CPU', open);
lbfgsSuite('the CPU', open);
