/** What the engine makes of the code, as far as that decides which code is written. */
export interface Target {
  /** Relaxed SIMD: a multiplication and an addition in one instruction, rounded once. */
  readonly fusedMultiplyAdd: boolean;
  /**
   * The engine makes one operation on 256 bits of two alike on neighbouring vectors: those whose results are stored side
   * by side, one right after the other, from operands that are the same or neighbours as well.
   */
  readonly pairsVectors: boolean;
}
