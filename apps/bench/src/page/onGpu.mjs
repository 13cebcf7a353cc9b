export { measureOnGpu as measure } from '../gpu/measure.mjs';
