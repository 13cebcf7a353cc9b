import { defineConfig, type Options } from 'tsup';

/** The build of a library package: ESM, one file an entry, with declarations. */
export function library(entry: Options['entry'], options: Options = {}): ReturnType<typeof defineConfig> {
  return defineConfig({
    entry: entry!,
    format: ['esm'],
    target: 'es2022',
    tsconfig: 'tsconfig.build.json',
    // declarations take most of a build's time, and running things needs none.
    // tsup 8 hands TypeScript 6 a 'baseUrl', which TypeScript 6 refuses unless told so
    dts: process.env['KINDLING_BUILD'] === 'js' ? false : { compilerOptions: { ignoreDeprecations: '6.0' } },
    sourcemap: true,
    clean: true,
    ...options,
  });
}
