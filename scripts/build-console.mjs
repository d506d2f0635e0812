// The operators' console, from web/console/ into dist/console/: one page, and a piece of script for each room of it, which is fetched when
// somebody goes there.
import { resolve } from 'node:path'
import { build } from 'vite'

/** @returns the name of the folder below `outdir`. */
export async function buildConsole(outdir) {
  await build({
    configFile: false,
    root: resolve('web/console'),
    // Wherever the bridge is served: its pages name their files from its own address on, and the files each other from where they are.
    base: './',
    publicDir: false,
    logLevel: 'warn',
    oxc: { jsx: { runtime: 'automatic', importSource: 'preact' } },
    build: {
      outDir: resolve(outdir, 'console'),
      emptyOutDir: true,
      assetsInlineLimit: 0,
      // Its policy has no place for scripts that are not files, and every browser that can run this preloads by itself.
      modulePreload: { polyfill: false },
      target: 'es2022',
      reportCompressedSize: false,
    },
  })
  return 'console'
}
