import { KindlingError } from '@kindling/core';

export interface GpuOptions {
  readonly powerPreference: 'default' | 'low-power' | 'high-performance';
}

/** Limits that are asked for as high as the adapter has them. */
const wantedLimits = [
  'maxStorageBuffersPerShaderStage',
  'maxStorageBufferBindingSize',
  'maxBufferSize',
  'maxComputeInvocationsPerWorkgroup',
  'maxComputeWorkgroupSizeX',
  'maxComputeWorkgroupStorageSize',
] as const;

/** Features that are used where the adapter has them. */
const wantedFeatures: readonly GPUFeatureName[] = ['shader-f16', 'subgroups', 'timestamp-query'];

/** A GPU device with all that the adapter offers, or an error that says what to do. */
export async function requestGpu({ powerPreference }: GpuOptions): Promise<GPUDevice> {
  const gpu = await findGpu();
  if (gpu === undefined) throw new KindlingError(noWebgpu());
  const adapter = await gpu.requestAdapter(powerPreference === 'default' ? {} : { powerPreference });
  if (adapter === null)
    throw new KindlingError(
      'webgpu: there is WebGPU but no adapter: no driver for a GPU was found. In a browser, hardware acceleration may be ' +
        "turned off; in Node, a Vulkan, Metal or Direct3D 12 driver is needed. The CPU computes the same: '@kindling/cpu-backend'",
    );
  const requiredFeatures = wantedFeatures.filter((name) => adapter.features.has(name));
  const requiredLimits = Object.fromEntries(wantedLimits.map((name) => [name, adapter.limits[name]]));
  try {
    return await adapter.requestDevice({ requiredFeatures, requiredLimits });
  } catch (error) {
    throw new KindlingError(`webgpu: the adapter '${nameOf(adapter.info)}' gave no device: ${(error as Error).message}`, { cause: error }); // prettier-ignore
  }
}

/** What people call a device. */
export function nameOf({ vendor, architecture, description }: GPUAdapterInfo): string {
  return description || [vendor, architecture].filter(Boolean).join(' ');
}

/** Whether a backend could be opened here: there is WebGPU, and an adapter. */
export async function isWebgpuAvailable(): Promise<boolean> {
  const gpu = await findGpu().catch(() => undefined);
  return gpu !== undefined && (await gpu.requestAdapter()) !== null;
}

let nodeGpu: GPU | undefined;

async function findGpu(): Promise<GPU | undefined> {
  const given = (globalThis as { navigator?: { gpu?: GPU } }).navigator?.gpu;
  if (given !== undefined || !isNode()) return given;
  return (nodeGpu ??= (await importDawn())?.create(dawnOptions));
}

function isNode(): boolean {
  return typeof (globalThis as { process?: { versions?: { node?: string } } }).process?.versions?.node === 'string';
}

interface Dawn {
  readonly create: (options: string[]) => GPU;
}

/** Time stamps are coarse where pages must not measure one another; a process of one's own may see them as they are. */
const dawnOptions = ['disable-dawn-features=timestamp_quantization'];

/** Dawn, from the npm package 'webgpu', where it is installed. */
async function importDawn(): Promise<Dawn | undefined> {
  try {
    // a name that bundlers do not follow: browsers need no such package
    const name = 'webgpu';
    const beside = await ifThere(() => import(/* @vite-ignore */ name) as Promise<Dawn>);
    return beside ?? (await ifThere(() => importFromProject(name)));
  } catch (error) {
    throw new KindlingError(`webgpu: the package 'webgpu' is there but does not load: ${(error as Error).message}`, { cause: error }); // prettier-ignore
  }
}

/**
 * As the project that runs would import it: where we are installed globally, or linked, it is not beside us. `require`
 * alone would also look where NODE_PATH says, which imports do not.
 */
async function importFromProject(name: string): Promise<Dawn | undefined> {
  const { existsSync } = process.getBuiltinModule('node:fs');
  const { createRequire } = process.getBuiltinModule('node:module');
  const path = process.getBuiltinModule('node:path');
  const { pathToFileURL } = process.getBuiltinModule('node:url');
  for (let folder = process.cwd(); ; folder = path.dirname(folder)) {
    if (existsSync(path.join(folder, 'node_modules', name))) {
      const file = createRequire(path.join(folder, 'index.js')).resolve(name);
      return (await import(/* @vite-ignore */ pathToFileURL(file).href)) as Dawn;
    }
    if (folder === path.dirname(folder)) return undefined;
  }
}

async function ifThere<T>(load: () => Promise<T>): Promise<T | undefined> {
  try {
    return await load();
  } catch (error) {
    const { code, message } = error as { code?: string; message: string };
    // bundlers have words of their own for it
    if (
      code === 'ERR_MODULE_NOT_FOUND' ||
      code === 'MODULE_NOT_FOUND' ||
      /^(could not resolve|cannot find)/i.test(message)
    )
      return undefined;
    throw error;
  }
}

function noWebgpu(): string {
  return isNode()
    ? "webgpu: Node has no WebGPU by itself: install it with `npm install webgpu` in your project, or compute on the CPU with '@kindling/cpu-backend'"
    : 'webgpu: this browser has no WebGPU, or the page is not served over https or from localhost; ' +
        "compute on the CPU with '@kindling/cpu-backend'";
}
