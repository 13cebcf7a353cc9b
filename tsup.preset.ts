import { minify } from 'terser';
import { defineConfig, type Options } from 'tsup';

/**
 * The build of a library package: ESM, one file an entry, with declarations. Engines read every character before they
 * run anything, so it is minified; functions and classes keep their names, for stack traces and for what is printed.
 */
export function library(
  entry: Options['entry'],
  options: Options = {},
  /** What stands at the beginning of declarations. */
  declarationBanner = '',
): ReturnType<typeof defineConfig> {
  return defineConfig({
    entry: entry!,
    format: ['esm'],
    target: 'es2022',
    tsconfig: 'tsconfig.build.json',
    // declarations take most of a build's time, and running things needs none.
    // tsup 8 hands TypeScript 6 a 'baseUrl', which TypeScript 6 refuses unless told so
    dts:
      process.env['KINDLING_BUILD'] === 'js'
        ? false
        : { banner: declarationBanner, compilerOptions: { ignoreDeprecations: '6.0' } },
    sourcemap: true,
    clean: true,
    esbuildOptions: (esbuild) => {
      esbuild.minifySyntax = true;
      esbuild.sourcesContent = false; // half of what would be installed; traces need places only
    },
    plugins: [{ name: 'minify', renderChunk: (code, { map }) => minified(code, map as string) }],
    ...options,
  });
}

/** Without white space and comments, and with short names for what functions hold. */
async function minified(source: string, content: string): Promise<{ code: string; map: string }> {
  const { code, map } = await minify(source, {
    module: true,
    compress: false, // esbuild's syntax is short already
    mangle: { module: false, toplevel: false },
    keep_classnames: true,
    format: {
      preserve_annotations: true, // bundlers drop by them what is not used
      max_line_len: 160, // Node shows the whole line that throws
      ascii_only: true, // one character beyond Latin-1, and engines keep two bytes for each of the file
    },
    sourceMap: { content },
  });
  return { code: code!, map: map as string };
}
