import type { Binding } from './shader.js';

/** One dispatch: a shader, and over how many workgroups it runs. */
export interface Stage {
  readonly wgsl: string;
  readonly bindings: readonly Binding[];
  /** Whether it reads the launch block: scalars, the segment's length, ∞ and NaN. */
  readonly usesLaunch: boolean;
  /** Workgroups; of a segmented kernel, elements that one workgroup takes. */
  readonly workgroups: number;
}

/** What the device allows and likes. */
export interface ShaderLimits {
  readonly invocations: number;
  readonly sharedBytes: number;
  /** Whether a processor plays the GPU: then memory of a workgroup is no faster than any other. */
  readonly isSoftware: boolean;
  /** The form of every contraction, for tests; otherwise the shape decides. */
  readonly contractions?: 'loops' | 'direct' | 'staged' | undefined;
}
