/** What the command's exit codes mean. */
export const exitCode = { done: 0, trainingFailed: 1, badInput: 2, interrupted: 130 } as const;

/** Training itself went wrong, with input that was fine: NaN, divergence. */
export class TrainingFailed extends Error {
  override readonly name = 'TrainingFailed';
}

/** The user pressed Ctrl-C; the message says what was kept and how to go on. */
export class Interrupted extends Error {
  override readonly name = 'Interrupted';
}
