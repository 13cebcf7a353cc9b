import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createRegistry, type OpenRegistry, type Plugin, type Provision } from '@kindling/core';
import cpuBackend from '@kindling/cpu-backend';
import losses from '@kindling/losses';
import metrics from '@kindling/metrics';
import optimizers from '@kindling/optimizers';
import { afterAll, onTestFinished } from 'vitest';
import { main, type MainOptions } from '../src/index.js';

/** The shipped tables. */
export const data = (name: string): string => new URL(`../../../data/${name}.csv`, import.meta.url).pathname;

export function registryOf(...extra: (Plugin | Provision)[]): OpenRegistry {
  return createRegistry(losses, optimizers, metrics, cpuBackend, ...extra);
}

export interface Ran {
  readonly code: number;
  readonly out: string;
  readonly err: string;
  /** Standard output as JSON. */
  readonly json: Record<string, unknown>;
}

/** Runs the command line in this process and collects what it writes. */
export async function kindling(
  argv: readonly string[],
  options: Partial<MainOptions> & { input?: string; tty?: boolean } = {},
): Promise<Ran> {
  const { input, tty, ...rest } = options;
  let [out, err] = ['', ''];
  const code = await main(argv, {
    registry: registryOf(),
    version: '1.2.3',
    packages: { kindling: '1.2.3' },
    stdout: { write: (s) => (out += s), isTTY: tty, columns: 100 },
    stderr: { write: (s) => (err += s), columns: 100 },
    stdin: chunks(input ?? ''),
    env: {},
    ...rest,
  });
  return {
    code,
    out,
    err,
    get json() {
      return JSON.parse(out) as Record<string, unknown>;
    },
  };
}

async function* chunks(text: string): AsyncGenerator<Uint8Array> {
  // in pieces, as a pipe delivers them
  const bytes = new TextEncoder().encode(text);
  for (let at = 0; at < bytes.length; at += 7) yield bytes.subarray(at, at + 7);
}

/** A folder that is gone after the test. */
export function folder(): string {
  const path = mkdtempSync(join(tmpdir(), 'kindling-cli-'));
  onTestFinished(() => rmSync(path, { recursive: true, force: true }));
  return path;
}

/** A folder that is gone after the file's last test. */
export function keptFolder(): string {
  const path = mkdtempSync(join(tmpdir(), 'kindling-cli-'));
  afterAll(() => rmSync(path, { recursive: true, force: true }));
  return path;
}
