import { KindlingError } from '@kindling/core';

type Fs = typeof import('node:fs/promises');
type Path = typeof import('node:path');

function builtin<T>(name: string): T | undefined {
  // not an import: bundles for the browser must not hold one
  const { process } = globalThis as { process?: { getBuiltinModule?: (name: string) => unknown } };
  return process?.getBuiltinModule?.(name) as T | undefined;
}

/** Whether there is a file system. */
export function hasFiles(): boolean {
  return builtin('node:fs/promises') !== undefined;
}

export function fileSystem(operation: string): { fs: Fs; path: Path } {
  const fs = builtin<Fs>('node:fs/promises');
  const path = builtin<Path>('node:path');
  if (fs === undefined || path === undefined)
    throw new KindlingError(`${operation}: a folder needs Node; there is no file system here`);
  return { fs, path };
}

/** Without Node's Buffer, whose methods mean other things than those of its base class. */
export function plainBytes({ buffer, byteOffset, length }: Uint8Array): Uint8Array {
  return new Uint8Array(buffer, byteOffset, length);
}

/** A file's bytes; undefined where there is none. */
export async function readIfThere(operation: string, file: string): Promise<Uint8Array | undefined> {
  const { fs } = fileSystem(operation);
  try {
    return plainBytes(await fs.readFile(file));
  } catch (error) {
    if (codeOf(error) === 'ENOENT' || codeOf(error) === 'ENOTDIR') return undefined;
    throw unusable(operation, file, error);
  }
}

/** Writes beside the file and renames, so that there is always a whole file, the old one or the new one. */
export async function writeAtomically(operation: string, file: string, bytes: Uint8Array | string): Promise<void> {
  const { fs } = fileSystem(operation);
  const temporary = temporaryName(file);
  try {
    await fs.writeFile(temporary, bytes);
    await fs.rename(temporary, file);
  } catch (error) {
    await fs.rm(temporary, { force: true }).catch(() => {});
    throw unusable(operation, file, error);
  }
}

/** A name beside `path` that nobody else uses. */
export function temporaryName(path: string): string {
  return `${path}.${Date.now().toString(36)}-${Math.random().toString(36).slice(2, 8)}.tmp`;
}

export function codeOf(error: unknown): string | undefined {
  return (error as { code?: string }).code;
}

export function unusable(operation: string, path: string, error: unknown): KindlingError {
  const reasons: Record<string, string> = {
    EACCES: 'permission denied',
    EPERM: 'permission denied',
    EROFS: 'the file system is read-only',
    ENOSPC: 'the disk is full',
    ENOENT: 'there is no such folder',
    ENOTDIR: 'a part of the path is not a folder',
    EISDIR: 'it is a folder',
  };
  const reason = reasons[codeOf(error) ?? ''] ?? (error as Error).message;
  return new KindlingError(`${operation}: cannot use ${path}: ${reason}`, { cause: error });
}
