import { measureOnGpu } from '../gpu/measure.mjs';

globalThis.measureOnGpu = (options) => measureOnGpu(options, (line) => console.info(line));
