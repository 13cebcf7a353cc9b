import type { Kernel } from '@kindling/compiler';
import { ModuleBuilder } from './assembler.js';
import { emitContract } from './emitContract.js';
import { argumentLayout, type Emitted, emitLoops } from './emitLoops.js';
import { hostFunctions, HOST_MATH } from './hostMath.js';
import { inParts } from './inParts.js';
import type { Memory } from './memory.js';
import type { Target } from './target.js';

type Run = (args: number, from: number, to: number, scratch: number) => void;

/** A kernel ready to run: in one pass, or in passes of which each uses what those before have left. */
export interface CpuKernel {
  readonly kernel: Kernel;
  readonly passes: readonly CpuPass[];
  /** Bytes of each piece of memory in which passes leave something to later ones. */
  readonly passedOn: readonly number[];
  /** Bytes of working memory. */
  readonly scratch: number;
  /** The passes once more, for people. */
  readonly emitted: () => readonly (Emitted & { readonly bytes: Uint8Array })[];
}

export interface CpuPass {
  /** Its buffers are those of the whole, and the pieces passed on. */
  readonly kernel: Kernel;
  /** Runs units [from, to) of the work: with the argument block and working memory at these addresses. */
  readonly run: Run;
  /** What `run` is the function of. */
  readonly module: Uint8Array;
  readonly extent: number;
  /** Whether units may run at the same time: not where several may add to one place. */
  readonly divisible: boolean;
  readonly time: { readonly unit: number; readonly call: number };
  readonly scratch: number;
  readonly layout: { readonly scalars: number; readonly bytes: number };
}

/** Compiles kernels for one memory. Kernels that come to the same bytes share an instance. */
export class KernelCompiler {
  private readonly instances = new Map<string, Run>();
  private readonly decoder = new TextDecoder('latin1');

  constructor(
    private readonly memory: Memory,
    private readonly target: Target,
    private readonly split?: number,
  ) {}

  compile(kernel: Kernel): CpuKernel {
    const unsupported = kernel.buffers.find(({ dtype }) => dtype === 'float16');
    if (unsupported) throw new TypeError('cpu compile: the CPU has no float16; cast to float32 first');
    const split = inParts(kernel, this.split);
    const parts = split?.parts ?? [kernel];
    const passes = parts.map((part) => this.pass(part));
    return {
      kernel,
      passes,
      passedOn: split?.scratch ?? [],
      scratch: Math.max(...passes.map((pass) => pass.scratch)),
      emitted: () => parts.map((part) => this.emit(part)),
    };
  }

  private pass(kernel: Kernel): CpuPass {
    const { extent, divisible, time, scratch, bytes } = this.emit(kernel);
    return {
      kernel,
      run: this.instance(bytes),
      module: bytes,
      extent,
      divisible,
      time,
      scratch,
      layout: argumentLayout(kernel),
    };
  }

  private emit(kernel: Kernel): Emitted & { readonly bytes: Uint8Array<ArrayBuffer> } {
    const { pairsVectors } = this.target;
    const host = hostFunctions(kernel, pairsVectors);
    const module = new ModuleBuilder(host, this.memory);
    // what calls the host must not make its functions slow
    const target = { ...this.target, pairsVectors: pairsVectors && host.length === 0 };
    const emitted = (kernel.body.kind === 'loops' ? emitLoops : emitContract)(kernel, module, target);
    return { ...emitted, bytes: module.bytes() };
  }

  private instance(bytes: Uint8Array<ArrayBuffer>): Run {
    const key = this.decoder.decode(bytes);
    let run = this.instances.get(key);
    if (!run) {
      const imports = { k: { m: this.memory.memory, ...HOST_MATH } };
      run = new WebAssembly.Instance(new WebAssembly.Module(bytes), imports).exports.run as Run;
      // bounded, oldest first
      if (this.instances.size >= 1024) this.instances.delete(this.instances.keys().next().value!);
      this.instances.set(key, run);
    }
    return run;
  }
}
