import { create } from 'webgpu';

// lavapipe spends most of the time on optimising shaders that these tests run once
process.env.GALLIVM_PERF ??= 'nopt';
// the backend finds Dawn as it would find a browser's GPU: this package has it installed, the backend does not
Object.defineProperty(globalThis, 'navigator', { value: { gpu: create([]) }, configurable: true });
