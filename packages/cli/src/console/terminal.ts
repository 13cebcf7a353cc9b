import pico from 'picocolors';

/** What of a stream is needed: `process.stdout`, or a test's collector. */
export interface OutputStream {
  write(text: string): unknown;
  readonly isTTY?: boolean | undefined;
  readonly columns?: number | undefined;
}

export type Colors = ReturnType<typeof pico.createColors>;

/**
 * Where the command talks: results for people go to standard output, progress and warnings to standard error. With
 * `--json` standard output holds one JSON object and nothing else, so results for people move to standard error.
 */
export class Terminal {
  json = false;
  readonly stdout: OutputStream;
  readonly stderr: OutputStream;
  readonly #env: Readonly<Record<string, string | undefined>>;

  constructor(stdout: OutputStream, stderr: OutputStream, env: Readonly<Record<string, string | undefined>>) {
    this.stdout = stdout;
    this.stderr = stderr;
    this.#env = env;
  }

  /** Colours for what `say` writes. */
  get colors(): Colors {
    return this.#colorsOf(this.json ? this.stderr : this.stdout);
  }
  /** Colours for what `note` writes. */
  get noteColors(): Colors {
    return this.#colorsOf(this.stderr);
  }
  /** Whether a line on standard error can be overwritten. */
  get interactive(): boolean {
    return this.stderr.isTTY === true && this.#env['TERM'] !== 'dumb' && this.#env['CI'] === undefined;
  }

  /** A result, for people. */
  say(text = ''): void {
    (this.json ? this.stderr : this.stdout).write(`${text}\n`);
  }
  /** Progress, a hint, a warning. */
  note(text = ''): void {
    this.stderr.write(`${text}\n`);
  }
  warn(text: string): void {
    this.note(`${this.noteColors.yellow('warning:')} ${text}`);
  }
  error(text: string): void {
    this.note(`${this.noteColors.red('error:')} ${text}`);
  }
  /** The one object of `--json`. */
  object(value: unknown): void {
    this.stdout.write(`${JSON.stringify(value, plain, 2)}\n`);
  }

  #colorsOf(stream: OutputStream): Colors {
    const { NO_COLOR, FORCE_COLOR } = this.#env;
    const forced = FORCE_COLOR !== undefined && FORCE_COLOR !== '' && FORCE_COLOR !== '0';
    return pico.createColors(!NO_COLOR && (forced || (stream.isTTY === true && this.#env['TERM'] !== 'dumb')));
  }
}

/** Typed arrays as arrays; JSON has no NaN, and null is what `JSON.stringify` makes of it. */
function plain(_key: string, value: unknown): unknown {
  return ArrayBuffer.isView(value) ? Array.from(value as unknown as ArrayLike<number>) : value;
}
