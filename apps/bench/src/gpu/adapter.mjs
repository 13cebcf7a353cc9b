const SOURCE_AND_TARGET = 4 | 8;

/** What plays the GPU here, whether it is one, and how fast it copies its own memory. */
export async function describeAdapter() {
  const adapter = await globalThis.navigator.gpu?.requestAdapter({ powerPreference: 'high-performance' });
  if (!adapter) throw new Error('there is no WebGPU adapter here');
  const { vendor, architecture, description } = adapter.info;
  const name = [description, vendor, architecture].filter((text, i, all) => text && all.indexOf(text) === i).join(', ');
  const isSoftware = architecture === 'software' || /swiftshader|llvmpipe/i.test(name);
  const size = Math.min(isSoftware ? 2 ** 26 : 2 ** 28, adapter.limits.maxBufferSize);
  const device = await adapter.requestDevice({ requiredLimits: { maxBufferSize: size } });
  const copyRate = await measureCopies(device, size);
  device.destroy();
  return { name, isSoftware, copyRate };
}

/** GB/s from one buffer to another: bytes read and bytes written. */
async function measureCopies(device, size) {
  const [from, to] = [0, 1].map(() => device.createBuffer({ size, usage: SOURCE_AND_TARGET }));
  const copies = 8;
  let best = Infinity;
  for (let round = 0; round < 5; round++) {
    const encoder = device.createCommandEncoder();
    for (let i = 0; i < copies; i++) encoder.copyBufferToBuffer(from, 0, to, 0, size);
    const start = performance.now();
    device.queue.submit([encoder.finish()]);
    await device.queue.onSubmittedWorkDone();
    best = Math.min(best, performance.now() - start);
  }
  return (2 * copies * size) / best / 1e6;
}
