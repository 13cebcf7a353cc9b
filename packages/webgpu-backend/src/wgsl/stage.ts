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

/** What the device allows. */
export interface ShaderLimits {
  readonly invocations: number;
  readonly sharedBytes: number;
}
