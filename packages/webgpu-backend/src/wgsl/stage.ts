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

/** A stage of a kernel. Its buffers are positions among those of the launch, which the pieces of scratch memory follow. */
export interface BoundStage extends Stage {
  readonly buffers: readonly number[];
}

/** A kernel as its dispatches, in order, and the memory that passes between them: bytes of each piece. */
export interface Program {
  readonly stages: readonly BoundStage[];
  readonly scratch: readonly number[];
}

/** What the device allows and likes. */
export interface ShaderLimits {
  readonly invocations: number;
  readonly sharedBytes: number;
  /** Whether a processor plays the GPU: then memory of a workgroup is no faster than any other. */
  readonly isSoftware: boolean;
  /** How many invocations a subgroup has, where they can exchange values. */
  readonly subgroups?: { readonly least: number; readonly most: number } | undefined;
  /** The form of every contraction, for tests; otherwise the shape decides. */
  readonly contractions?: 'loops' | 'direct' | 'staged' | undefined;
  /** Splits every sum that can be split in so many parts, for tests; otherwise the shape decides. */
  readonly split?: number | undefined;
}
