import { KindlingError } from '@kindling/core';

const reasons: Readonly<Record<string, string>> = {
  ENOENT: 'there is no such file or folder',
  EISDIR: 'it is a folder',
  ENOTDIR: 'a part of its path is a file, not a folder',
  EACCES: 'permission denied',
  EPERM: 'not permitted',
  EROFS: 'the file system is read-only',
  ENOSPC: 'there is no space left on the disk',
  EDQUOT: 'the disk quota is used up',
  ENAMETOOLONG: 'the name is too long',
  ELOOP: 'too many symbolic links',
  EMFILE: 'too many open files',
  EINVAL: 'the path is not valid',
  ERR_INVALID_ARG_VALUE: 'the path is not valid',
};

/** The reason of a failed file operation in words, or undefined where it is no such failure. */
export function reasonOf(error: unknown): string | undefined {
  const { code, syscall, message } = error as NodeJS.ErrnoException;
  if (code === undefined || (syscall === undefined && reasons[code] === undefined)) return undefined;
  return reasons[code] ?? message;
}

/** An error for the user. What is no failed file operation passes through. */
export function fileProblem(what: string, error: unknown): Error {
  const reason = reasonOf(error);
  return reason === undefined ? (error as Error) : new KindlingError(`${what}: ${reason}`, { cause: error });
}
