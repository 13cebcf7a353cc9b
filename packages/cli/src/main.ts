import type { OpenRegistry } from '@kindling/core';
import { type OutputStream, Terminal } from './console/terminal.js';
import type { Context, Interrupts, RegistryAnswer, RegistryRequest } from './context.js';
import { exitCode, Interrupted, TrainingFailed } from './exit.js';
import { reasonOf } from './files/fileProblem.js';
import type { ComparisonPage } from './report/compareReport.js';
import { Halted, runProgram } from './program.js';

export interface MainOptions {
  /** What can be named, or a function that finds out once the configuration is read. */
  readonly registry: OpenRegistry | ((request: RegistryRequest) => Promise<RegistryAnswer>);
  /** What `--version` prints. */
  readonly version: string;
  /** Packages and versions, for reports. */
  readonly packages?: Readonly<Record<string, string>>;
  readonly stdout?: OutputStream;
  readonly stderr?: OutputStream;
  readonly stdin?: AsyncIterable<Uint8Array | string>;
  readonly cwd?: string;
  readonly env?: Readonly<Record<string, string | undefined>>;
  /** Where Ctrl-C comes from. Without it, nothing interrupts. */
  readonly interrupts?: Interrupts;
  /** Called with what `compare` found, for a page of several comparisons; see `comparisonsPage`. */
  readonly onComparison?: (found: ComparisonPage) => void;
}

/** Runs the command line on `argv` (without node and script) and returns the exit code. Never throws. */
export async function main(argv: readonly string[], options: MainOptions): Promise<number> {
  const env = options.env ?? process.env;
  const terminal = new Terminal(options.stdout ?? process.stdout, options.stderr ?? process.stderr, env);
  // known before parsing, since the parser's own messages must obey it, too
  const until = argv.includes('--') ? argv.indexOf('--') : argv.length;
  const early = argv.slice(0, until);
  terminal.json = early.includes('--json');
  const cwd = options.cwd ?? process.cwd();
  const base: Omit<Context, 'registry' | 'packages'> = {
    terminal,
    cwd,
    env,
    stdin: options.stdin ?? process.stdin,
    version: options.version,
    interrupts: options.interrupts ?? (() => () => {}),
    onComparison: options.onComparison,
  };
  const open = async (plugins: readonly string[] | undefined): Promise<Context> => {
    const { registry } = options;
    const answer = typeof registry === 'function' ? await registry({ cwd, plugins }) : { registry };
    return { ...base, registry: answer.registry, packages: { ...options.packages, ...answer.packages } };
  };
  try {
    await runProgram(argv, base, open);
    return exitCode.done;
  } catch (error) {
    return report(error, terminal, early.includes('--debug'));
  }
}

function report(error: unknown, terminal: Terminal, debug: boolean): number {
  const { name, message, stack } = error instanceof Error ? error : new Error(String(error));
  if (error instanceof Halted) return error.code;
  const fail = (code: number): number => {
    if (terminal.json) terminal.object({ error: message, exitCode: code });
    if (debug && stack !== undefined) terminal.note(stack);
    return code;
  };
  if (error instanceof Interrupted) {
    terminal.note(message);
    return fail(exitCode.interrupted);
  }
  // by name: a plugin may bring its own copy of core, and its errors are meant for people just as well
  if (error instanceof TrainingFailed || name === 'KindlingError' || reasonOf(error) !== undefined) {
    terminal.error(message.trimEnd());
    return fail(error instanceof TrainingFailed ? exitCode.trainingFailed : exitCode.badInput);
  }
  terminal.error(`something unexpected happened: ${message.split('\n')[0]}`);
  terminal.note(
    debug
      ? 'This is a bug in kindling or in a plugin. Please report it with what is below.'
      : 'This is a bug in kindling or in a plugin. Please report it; --debug shows where it happened.',
  );
  return fail(exitCode.trainingFailed);
}
