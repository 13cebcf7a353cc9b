import { cpu } from '@kindling/cpu-backend';
import { admissionSuite } from './admissionSuite.js';
import { behaviourSuite } from './behaviourSuite.js';
import { goldenSuite } from './goldenSuite.js';
import { severalSuite } from './severalSuite.js';

const open = () => cpu();
goldenSuite('the CPU', open);
behaviourSuite('the CPU', open);
severalSuite('the CPU', 'float32', open);
admissionSuite('the CPU', open);
