import type { OpenRegistry } from '@kindling/core';
import type { ComparisonPage } from './report/compareReport.js';
import type { Terminal } from './console/terminal.js';

/** What is asked of whoever makes the registry. */
export interface RegistryRequest {
  readonly cwd: string;
  /** The packages that a configuration lists; undefined: the project's own plugins. */
  readonly plugins: readonly string[] | undefined;
}

export interface RegistryAnswer {
  readonly registry: OpenRegistry;
  /** Packages and versions beyond those of the command itself, for reports. */
  readonly packages?: Readonly<Record<string, string>>;
}

/** Calls `listener` at each Ctrl-C until the returned function is called. */
export type Interrupts = (listener: () => void) => () => void;

/** What surrounds a command while it runs. */
export interface Context {
  readonly terminal: Terminal;
  readonly cwd: string;
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly stdin: AsyncIterable<Uint8Array | string>;
  readonly version: string;
  readonly registry: OpenRegistry;
  readonly packages: Readonly<Record<string, string>>;
  readonly interrupts: Interrupts;
  /** Called with what a comparison found, for pages that hold several. */
  readonly onComparison?: ((found: ComparisonPage) => void) | undefined;
}
