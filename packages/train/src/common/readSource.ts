import { KindlingError } from '@kindling/core';
import { codeOf, fileSystem, hasFiles, plainBytes, unusable } from './files.js';

/** Reads the files of a model folder by name, wherever it is. */
export function readSource(
  source: string | URL | Readonly<Record<string, Blob>>,
): (name: string) => Promise<Uint8Array> {
  if (typeof source === 'object' && !(source instanceof URL)) {
    return async (name) => {
      const blob = Object.hasOwn(source, name) ? source[name] : undefined;
      if (blob === undefined)
        throw new KindlingError(
          `loadPipeline: there is no '${name}' among the given files (${Object.keys(source).slice(0, 10).join(', ')})`,
        );
      return new Uint8Array(await blob.arrayBuffer());
    };
  }
  const url = urlOf(source);
  if (url === undefined) return (name) => readFile(String(source), name);
  if (url.protocol === 'file:') {
    const { process } = globalThis as { process?: { getBuiltinModule?: (name: string) => { fileURLToPath(url: URL): string } } }; // prettier-ignore
    const path = process?.getBuiltinModule?.('node:url').fileURLToPath(url);
    if (path !== undefined) return (name) => readFile(path, name);
  }
  return (name) => fetchFile(url, name);
}

/** undefined for the path of a folder. */
function urlOf(source: string | URL): URL | undefined {
  if (source instanceof URL) return source;
  if (/^[a-z][a-z\d+.-]+:\/\//i.test(source)) return new URL(source);
  if (hasFiles()) return undefined;
  const { location } = globalThis as { location?: { href: string } };
  return new URL(source, location?.href);
}

async function readFile(folder: string, name: string): Promise<Uint8Array> {
  const { fs, path } = fileSystem('loadPipeline');
  try {
    return plainBytes(await fs.readFile(path.join(folder, name)));
  } catch (error) {
    if (codeOf(error) !== 'ENOENT') throw unusable('loadPipeline', path.join(folder, name), error);
    const there = await fs.stat(folder).then(
      () => true,
      () => false,
    );
    throw new KindlingError(
      there
        ? `loadPipeline: ${folder} is no model folder: it has no ${name}`
        : `loadPipeline: there is no folder ${folder}`,
    );
  }
}

async function fetchFile(folder: URL, name: string): Promise<Uint8Array> {
  const base = new URL(folder);
  if (!base.pathname.endsWith('/')) base.pathname += '/';
  const url = new URL(name, base);
  url.search = base.search;
  let response: Response;
  try {
    response = await fetch(url);
  } catch (error) {
    throw new KindlingError(`loadPipeline: cannot fetch ${url.href}: ${(error as Error).message}`, { cause: error });
  }
  if (!response.ok)
    throw new KindlingError(`loadPipeline: cannot fetch ${url.href}: status ${response.status} ${response.statusText}`.trimEnd()); // prettier-ignore
  return new Uint8Array(await response.arrayBuffer());
}
