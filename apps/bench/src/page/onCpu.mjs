import { measureOnCpu } from '../cpu/measure.mjs';
import { peers } from '../peers/cpuInPage.mjs';

export const measure = (options, log) => measureOnCpu(options, log, { peers });
