import { COMPUTE_STAGE } from './flags.js';
import { BLOCK_BYTES } from './launchBlocks.js';
import type { Stage } from './wgsl/stage.js';

/** As many as `kernelBackend` keeps compiled kernels. */
const LIMIT = 4000;

/** Layouts and pipelines, each made once for what it says. */
export class Pipelines {
  readonly #gpu: GPUDevice;
  readonly #groups = new Map<string, GPUBindGroupLayout>();
  readonly #layouts = new Map<string, GPUPipelineLayout>();
  readonly #pipelines = new Map<string, GPUComputePipeline>();
  readonly #launchLayout: GPUBindGroupLayout;

  constructor(gpu: GPUDevice) {
    this.#gpu = gpu;
    this.#launchLayout = gpu.createBindGroupLayout({
      entries: [{ binding: 0, visibility: COMPUTE_STAGE, buffer: { type: 'uniform', hasDynamicOffset: true } }],
    });
  }

  pipeline(stage: Stage): GPUComputePipeline {
    return remembered(this.#pipelines, stage.wgsl, () => {
      // `strictMath` asks engines that know it to keep NaN and ∞
      const code: GPUShaderModuleDescriptor & { strictMath: boolean } = { code: stage.wgsl, strictMath: true };
      const module = this.#gpu.createShaderModule(code);
      return this.#gpu.createComputePipeline({
        layout: this.#layoutOf(stage),
        compute: { module, entryPoint: 'main' },
      });
    });
  }

  bindGroup(stage: Stage, buffers: readonly GPUBuffer[]): GPUBindGroup {
    const entries = buffers.map((buffer, binding) => ({ binding, resource: { buffer } }));
    return this.#gpu.createBindGroup({ layout: this.#groupLayoutOf(stage), entries });
  }

  launchGroup(buffer: GPUBuffer): GPUBindGroup {
    const resource = { buffer, offset: 0, size: BLOCK_BYTES };
    return this.#gpu.createBindGroup({ layout: this.#launchLayout, entries: [{ binding: 0, resource }] });
  }

  #groupLayoutOf(stage: Stage): GPUBindGroupLayout {
    return remembered(this.#groups, accesses(stage), () =>
      this.#gpu.createBindGroupLayout({
        entries: stage.bindings.map(({ access }, binding) => ({
          binding,
          visibility: COMPUTE_STAGE,
          buffer: { type: access === 'read' ? ('read-only-storage' as const) : ('storage' as const) },
        })),
      }),
    );
  }

  #layoutOf(stage: Stage): GPUPipelineLayout {
    return remembered(this.#layouts, `${accesses(stage)} ${stage.usesLaunch}`, () => {
      const group = this.#groupLayoutOf(stage);
      return this.#gpu.createPipelineLayout({
        bindGroupLayouts: stage.usesLaunch ? [group, this.#launchLayout] : [group],
      });
    });
  }
}

function accesses({ bindings }: Stage): string {
  return bindings.map(({ access }) => access).join();
}

function remembered<T>(map: Map<string, T>, key: string, make: () => T): T {
  let value = map.get(key);
  if (value === undefined) {
    value = make();
    if (map.size >= LIMIT) map.delete(map.keys().next().value!);
    map.set(key, value);
  }
  return value;
}
