/** Gives Node the GPU of Dawn under the names that browsers have. */
export async function installWebgpu() {
  const { create, globals } = await import('webgpu');
  Object.assign(globalThis, globals);
  Object.defineProperty(globalThis, 'navigator', {
    value: { gpu: create([]), hardwareConcurrency: 1, userAgent: 'node' },
    configurable: true,
  });
}
