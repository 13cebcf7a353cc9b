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

/**
 * GB/s from one buffer to another: bytes read and bytes written. Waiting for the first copy takes as long as many copies
 * on a fast card, so a number of copies that takes a while is taken from twice as many.
 */
async function measureCopies(device, size) {
  const [from, to] = [0, 1].map(() => device.createBuffer({ size, usage: SOURCE_AND_TARGET }));
  const timed = async (copies) => {
    const encoder = device.createCommandEncoder();
    for (let i = 0; i < copies; i++) encoder.copyBufferToBuffer(from, 0, to, 0, size);
    const start = performance.now();
    device.queue.submit([encoder.finish()]);
    await device.queue.onSubmittedWorkDone();
    return performance.now() - start;
  };
  let copies = 1;
  while ((await timed(copies)) < 20) copies *= 2;
  const [single, double] = [copies, 2 * copies].map((count) => ({ count, best: Infinity }));
  for (let round = 0; round < 5; round++)
    for (const part of [single, double]) part.best = Math.min(part.best, await timed(part.count));
  return (2 * copies * size) / (double.best - single.best) / 1e6;
}
